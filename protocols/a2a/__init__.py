"""A2A 1.0 over the mesh: the standard's JSON-RPC in the body, Lictor's headers around it."""
