from collections.abc import Mapping
from typing import Any

import pytest
from mcp import MCPError
from mcp.types import CallToolResult, TextContent, Tool, ToolAnnotations

from lictor.protocols.mcp.service import CLOSED, METHOD_NOT_FOUND, TIMED_OUT, failed
from lictor.runtime.tools.retries import Retrying


class Flaky:
    """Fails so many times, then answers."""

    def __init__(self, failures: int, code: int = TIMED_OUT, annotations: ToolAnnotations | None = None) -> None:
        self.calls = 0
        self._failures = failures
        self._code = code
        self._annotations = annotations

    async def list_tools(self) -> list[Tool]:
        return [Tool(name="act", input_schema={"type": "object"}, annotations=self._annotations)]

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        self.calls += 1
        if self.calls <= self._failures:
            raise MCPError(code=self._code, message="not now")
        return CallToolResult(content=[TextContent(type="text", text="done")])


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lictor.runtime.tools.retries.FIRST_PAUSE", 0.001)


@pytest.mark.parametrize("annotations", [ToolAnnotations(read_only_hint=True), ToolAnnotations(idempotent_hint=True)])
async def test_what_may_be_repeated_is_repeated(annotations: ToolAnnotations) -> None:
    source = Flaky(2, annotations=annotations)
    assert not (await Retrying(source, 2).call_tool("act", {})).is_error
    assert source.calls == 3


async def test_it_gives_up_after_the_last_retry() -> None:
    source = Flaky(9, CLOSED, ToolAnnotations(read_only_hint=True))
    with pytest.raises(MCPError, match="not now"):
        await Retrying(source, 2).call_tool("act", {})
    assert source.calls == 3


@pytest.mark.parametrize("annotations", [None, ToolAnnotations(), ToolAnnotations(read_only_hint=False)])
async def test_what_may_have_an_effect_is_called_once(annotations: ToolAnnotations | None) -> None:
    source = Flaky(1, annotations=annotations)
    with pytest.raises(MCPError):
        await Retrying(source, 5).call_tool("act", {})
    assert source.calls == 1


async def test_an_error_that_does_not_pass_is_not_repeated() -> None:
    source = Flaky(1, METHOD_NOT_FOUND, ToolAnnotations(read_only_hint=True))
    with pytest.raises(MCPError):
        await Retrying(source, 5).call_tool("act", {})
    assert source.calls == 1


async def test_a_failure_of_the_tool_is_its_answer() -> None:
    class Failing(Flaky):
        async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
            self.calls += 1
            return failed("no")

    source = Failing(0, annotations=ToolAnnotations(read_only_hint=True))
    assert (await Retrying(source, 3).call_tool("act", {})).is_error
    assert source.calls == 1
