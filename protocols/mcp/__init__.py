"""MCP over the mesh: one JSON-RPC request, one response."""
