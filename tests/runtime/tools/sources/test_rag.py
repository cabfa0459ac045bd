from pathlib import Path

import pytest
from mcp import MCPError
from tool_bench import TOOL, running_tools

from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.tools.failures import SourceFailed
from lictor.runtime.tools.sources.rag import Rag

RETURNS = """# Shop

## Returns

You may return an item within 30 days. The parcel is paid by us. Keep the bill.

## Opening hours

We are open from 9 to 18 o'clock.
"""


def plan(tmp_path: Path, top_k: int = 6) -> ToolPlan:
    folder = tmp_path / "handbook"
    folder.mkdir(exist_ok=True)
    return ToolPlan(TOOL, "rag", source=folder, folder=tmp_path, top_k=top_k)


async def test_passages_come_with_file_heading_text_and_quote(tmp_path: Path) -> None:
    made = plan(tmp_path)
    (tmp_path / "handbook" / "shop.md").write_text(RETURNS)
    async with running_tools(made) as bench:
        (tool,) = await bench.list()
        result = await bench.call("search", query="How long may I return something?")
    assert (tool.name, tool.schema["required"]) == ("search", ["query"])
    best = result.structured["passages"][0]
    assert (best["file"], best["heading"]) == ("handbook/shop.md", "Shop > Returns")
    assert best["text"].startswith("You may return an item within 30 days.")
    assert "30 days" in best["quote"]
    assert best["score"] > 0
    assert "[handbook/shop.md § Shop > Returns]" in result.text


async def test_it_says_that_it_only_reads(tmp_path: Path) -> None:
    source = Rag(plan(tmp_path))
    (tool,) = await source.list_tools()
    assert tool.annotations is not None
    assert tool.annotations.read_only_hint is True


async def test_at_most_top_k_passages_are_returned(tmp_path: Path) -> None:
    made = plan(tmp_path, top_k=2)
    for number in range(5):
        (tmp_path / "handbook" / f"{number}.md").write_text(f"# Page {number}\n\nThe parrot number {number}.\n")
    async with running_tools(made) as bench:
        assert len((await bench.call("search", query="parrot")).structured["passages"]) == 2


async def test_a_changed_a_new_and_a_removed_file_are_noticed(tmp_path: Path) -> None:
    made = plan(tmp_path)
    file = tmp_path / "handbook" / "shop.md"
    file.write_text(RETURNS)
    async with running_tools(made) as bench:
        file.write_text(RETURNS.replace("30 days", "45 days, longer than before"))
        assert "45 days" in (await bench.call("search", query="return item")).text
        (tmp_path / "handbook" / "more.md").write_text("# Parrots\n\nParrots are not returned.\n")
        assert "Parrots are" in (await bench.call("search", query="parrots")).text
        file.unlink()
        assert "45 days" not in (await bench.call("search", query="return item")).text


async def test_an_empty_folder_finds_nothing_and_says_so(tmp_path: Path) -> None:
    async with running_tools(plan(tmp_path)) as bench:
        result = await bench.call("search", query="anything")
    assert (result.is_error, result.text, dict(result.structured)) == (False, "Nothing was found.", {"passages": []})


@pytest.mark.parametrize(
    "query", ['"', "a AND OR NOT (", "NEAR(", "text: *", "^x", "', drop table", "\0", "", "é" * 5000]
)
async def test_no_query_breaks_the_search(tmp_path: Path, query: str) -> None:
    made = plan(tmp_path)
    (tmp_path / "handbook" / "shop.md").write_text(RETURNS)
    async with running_tools(made) as bench:
        assert not (await bench.call("search", query=query)).is_error


@pytest.mark.parametrize("arguments", [{}, {"query": 3}, {"query": "a", "more": 1}, {"text": "a"}])
async def test_other_arguments_are_told_to_the_model(tmp_path: Path, arguments: dict[str, object]) -> None:
    async with running_tools(plan(tmp_path)) as bench:
        result = await bench.call("search", **arguments)
    assert result.is_error
    assert "one argument, query" in result.text


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="is not a folder"):
        await Rag(ToolPlan(TOOL, "rag", source=tmp_path / "none", folder=tmp_path)).open()


async def test_another_tool_is_an_error(tmp_path: Path) -> None:
    source = Rag(plan(tmp_path))
    await source.open()
    with pytest.raises(MCPError, match="there is 'search'"):
        await source.call_tool("find", {"query": "x"})
    await source.close()
    await source.close()


async def test_a_folder_that_goes_away_finds_nothing(tmp_path: Path) -> None:
    made = plan(tmp_path)
    (tmp_path / "handbook" / "shop.md").write_text(RETURNS)
    async with running_tools(made) as bench:
        (tmp_path / "handbook" / "shop.md").unlink()
        (tmp_path / "handbook").rmdir()
        assert (await bench.call("search", query="return")).text == "Nothing was found."
