"""Which tool calls have an outside effect: all that are not known to only read."""

from collections.abc import Mapping
from typing import Any

from lictor.guardrails.catalog import ToolCatalog


class Effects:
    """Tells it from the team's document and from what tool servers say of themselves.

    A folder that is searched only reads. What a remote server says of itself does not count: it is not trusted.
    """

    def __init__(self, team: Mapping[str, Any], catalog: ToolCatalog) -> None:
        tools = team.get("tools", {})
        self._searched = frozenset(name for name, tool in tools.items() if tool.get("kind") == "rag")
        self._remote = frozenset(name for name, tool in tools.items() if tool.get("remote", False))
        self._catalog = catalog

    def reads_only(self, server: str, tool: str) -> bool:
        """Tell whether a tool is known to only read."""
        if server in self._searched:
            return True
        return server not in self._remote and self._catalog.reads_only(server, tool)
