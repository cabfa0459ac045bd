import asyncio
import sys
from pathlib import Path

import pytest
from mcp import MCPError
from tool_bench import TOOL, running_tools

from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.tools.failures import SourceFailed
from lictor.runtime.tools.sources.function import Function

SOURCE = '''
import threading
import time
from typing import Literal

from mcp.server.mcpserver.exceptions import ToolError

import beside

MAIN = threading.main_thread()


def price(item: str, amount: int = 1, currency: Literal["EUR", "USD"] = "EUR") -> dict[str, float]:
    """Return the price of an item.

    Args:
        item: name of the item
    """
    return {"price": beside.PRICE * amount}


async def shout(text: str) -> str:
    """Say it louder."""
    return text.upper()


def where() -> bool:
    """Tell whether this runs in the main thread."""
    return threading.current_thread() is MAIN


def broken() -> str:
    """Fail."""
    raise ValueError("the password is xyzzy")


def refuses() -> str:
    """Fail with words for the model."""
    raise ToolError("There is no such order. Ask for its number.")


async def sleeps() -> str:
    """Never answer."""
    import asyncio
    await asyncio.Event().wait()


GATE = threading.Event()


def hangs() -> str:
    """Not answer before it is let go."""
    GATE.wait()
    return "late"


def unhinted(text, more=None):
    return [text, more]
'''


def plan(folder: Path, function: str, timeout: float = 10.0) -> ToolPlan:
    (folder / "tools.py").write_text(SOURCE)
    (folder / "beside.py").write_text("PRICE = 2.5\n")
    return ToolPlan(TOOL, "python", source=folder / "tools.py", function=function, timeout=timeout, folder=folder)


async def test_the_schema_comes_from_the_hints_and_the_description_from_the_docstring(tmp_path: Path) -> None:
    async with running_tools(plan(tmp_path, "price")) as bench:
        (tool,) = await bench.list()
        result = await bench.call("price", item="S4", amount=2)
    assert tool.name == "price"
    assert tool.description.startswith("Return the price of an item.")
    assert tool.schema["required"] == ["item"]
    assert tool.schema["properties"]["amount"]["type"] == "integer"
    assert tool.schema["properties"]["currency"]["enum"] == ["EUR", "USD"]
    assert dict(result.structured) == {"price": 5.0}


async def test_async_functions_run_in_the_loop_and_others_in_a_thread(tmp_path: Path) -> None:
    async with running_tools(plan(tmp_path, "shout")) as bench:
        assert (await bench.call("shout", text="hello")).text == "HELLO"
    async with running_tools(plan(tmp_path, "where")) as bench:
        assert (await bench.call("where")).text == "false"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({}, "item"), ({"item": "S4", "amount": "many"}, "amount"), ({"item": "S4", "colour": "red"}, "'colour'")],
)
async def test_wrong_arguments_are_told_to_the_model(tmp_path: Path, arguments: dict[str, str], said: str) -> None:
    async with running_tools(plan(tmp_path, "price")) as bench:
        result = await bench.call("price", **arguments)
    assert result.is_error
    assert said in result.text


async def test_an_exception_becomes_a_sentence_without_its_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_tools(plan(tmp_path, "broken")) as bench:
        result = await bench.call("broken")
    assert (result.is_error, result.text) == (True, "broken failed (ValueError).")
    assert "xyzzy" in caplog.text


async def test_a_tool_error_speaks_to_the_model(tmp_path: Path) -> None:
    async with running_tools(plan(tmp_path, "refuses")) as bench:
        result = await bench.call("refuses")
    assert (result.is_error, result.text) == (True, "There is no such order. Ask for its number.")


async def test_a_function_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    async with running_tools(plan(tmp_path, "sleeps", timeout=0.1)) as bench:
        result = await bench.call("sleeps")
    assert (result.is_error, result.text) == (True, "sleeps did not answer within 0.1 s.")


async def test_a_function_whose_calls_never_return_ends_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lictor.runtime.tools.sources.function.MOST_LATE", 2)
    async with running_tools(plan(tmp_path, "hangs", timeout=0.1)) as bench:
        waiting = asyncio.ensure_future(bench.server.wait())
        try:
            assert (await bench.call("hangs")).is_error
            assert not waiting.done()
            assert (await bench.call("hangs")).is_error
            with pytest.raises(SourceFailed, match="2 calls of hangs do not return"):
                await asyncio.wait_for(waiting, 10)
        finally:
            sys.modules["_lictor_tool_tools"].GATE.set()


async def test_a_function_that_is_only_slow_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lictor.runtime.tools.sources.function.MOST_LATE", 2)
    async with running_tools(plan(tmp_path, "hangs", timeout=0.1)) as bench:
        assert (await bench.call("hangs")).is_error
        sys.modules["_lictor_tool_tools"].GATE.set()
        assert (await bench.call("hangs")).text == "late"
        await bench.server.close()
        await bench.server.wait()


async def test_a_function_without_hints_takes_anything(tmp_path: Path) -> None:
    async with running_tools(plan(tmp_path, "unhinted")) as bench:
        assert not (await bench.call("unhinted", text=["a", 1])).is_error


@pytest.mark.parametrize(
    ("text", "function", "said"),
    [
        ("def other(): ...", "act", "has no function 'act'"),
        ("act = 3", "act", "has no function 'act'"),
        ("def act(:", "act", "SyntaxError"),
        ("import no_such_module_at_all", "act", "no_such_module_at_all"),
        ("def act(_hidden: int): ...", "act", "signature"),
    ],
)
async def test_what_cannot_be_loaded_is_told_with_its_file(tmp_path: Path, text: str, function: str, said: str) -> None:
    file = tmp_path / "bad.py"
    file.write_text(text)
    with pytest.raises(SourceFailed, match=said) as raised:
        await Function(ToolPlan(TOOL, "python", source=file, function=function)).open()
    assert "bad.py" in str(raised.value)


async def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="is not a Python file"):
        await Function(ToolPlan(TOOL, "python", source=tmp_path / "none.py", function="act")).open()


async def test_another_name_is_an_error(tmp_path: Path) -> None:
    source = Function(plan(tmp_path, "price"))
    await source.open()
    with pytest.raises(MCPError, match="there is 'price'"):
        await source.call_tool("cost", {})
