"""One agent's process: tasks in over A2A, LangGraph inside, every call out over the mesh."""
