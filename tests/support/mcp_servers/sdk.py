"""An MCP server made with the SDK, for stdio and for HTTP (`sdk.py PORT`)."""

import sys

from mcp.server import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("sdk", version="1")


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def fails() -> str:
    """Raise."""
    raise ValueError("the word is xyzzy")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
