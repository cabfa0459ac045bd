"""One tool server's process: MCP calls in over the mesh, a server, a function or an index behind them."""
