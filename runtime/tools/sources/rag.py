"""A folder of markdown as a tool: `search` finds the passages that answer a question."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from mcp import MCPError
from mcp.types import INVALID_PARAMS, CallToolResult, TextContent, Tool, ToolAnnotations

from lictor.protocols.mcp.service import failed
from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.tools.failures import SourceFailed
from lictor.runtime.tools.index import Hit, PassageIndex

SEARCH: Final = "search"
LONGEST_QUERY: Final = 2000
"""Characters of a question that are read."""

_TEXT: Final = {"type": "string"}
_INPUT: Final = {
    "type": "object",
    "properties": {"query": {**_TEXT, "description": "The question, or words to look for."}},
    "required": ["query"],
    "additionalProperties": False,
}
_PASSAGE: Final = {
    "type": "object",
    "properties": {"file": _TEXT, "heading": _TEXT, "text": _TEXT, "quote": _TEXT, "score": {"type": "number"}},
    "required": ["file", "heading", "text", "quote", "score"],
}
_OUTPUT: Final = {
    "type": "object",
    "properties": {"passages": {"type": "array", "items": _PASSAGE}},
    "required": ["passages"],
}


class Rag:
    """Full-text search over `plan.source`; files are read again when they change."""

    def __init__(self, plan: ToolPlan) -> None:
        self._plan = plan
        self._folder = plan.source or Path()
        self._index: PassageIndex | None = None
        self._using = threading.Lock()
        self._closed = asyncio.Event()

    async def open(self) -> None:
        """Read the folder; raises SourceFailed when there is none."""
        if self._index is None:
            if not self._folder.is_dir():
                raise SourceFailed(f"{self._folder} is not a folder: name a folder of markdown files after `rag:`")
            self._index = PassageIndex(self._folder, self._plan.folder)
            await asyncio.to_thread(self._refresh, self._index)

    async def close(self) -> None:
        """Drop the index."""
        self._closed.set()
        if self._index is not None:
            await asyncio.to_thread(self._drop, self._index)
            self._index = None

    async def wait(self) -> None:
        """Return once closed."""
        await self._closed.wait()

    async def list_tools(self) -> list[Tool]:
        """Return the one tool."""
        return [
            Tool(
                name=SEARCH,
                description=f"Find the passages of {self._folder.name} that answer a question, best first.",
                input_schema=_INPUT,
                output_schema=_OUTPUT,
                annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
            )
        ]

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Search; finding nothing is a result, not an error."""
        if name != SEARCH:
            raise MCPError(code=INVALID_PARAMS, message=f"there is no tool {name[:80]!r}; there is {SEARCH!r}")
        query = arguments.get("query")
        if not isinstance(query, str) or len(arguments) != 1:
            return failed("search takes one argument, query, which is a text.")
        if self._index is None:
            raise SourceFailed(f"{self._plan.principal}: the folder is not read")
        return _result(await asyncio.to_thread(self._search, self._index, query[:LONGEST_QUERY]))

    def _search(self, index: PassageIndex, query: str) -> list[Hit]:
        with self._using:
            index.refresh()
            return index.search(query, self._plan.top_k)

    def _refresh(self, index: PassageIndex) -> None:
        with self._using:
            index.refresh()

    def _drop(self, index: PassageIndex) -> None:
        with self._using:
            index.close()


def _result(hits: Sequence[Hit]) -> CallToolResult:
    passages = [
        {
            "file": hit.passage.file,
            "heading": hit.passage.heading,
            "text": hit.passage.text,
            "quote": hit.quote,
            "score": round(hit.score, 3),
        }
        for hit in hits
    ]
    texts = [f"[{each['file']} § {each['heading']}]\n{each['text']}" for each in passages]
    return CallToolResult(
        content=[TextContent(type="text", text="\n\n".join(texts) or "Nothing was found.")],
        structured_content={"passages": passages},
    )
