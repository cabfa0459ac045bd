from pathlib import Path

from lictor.runtime.definition.load import load_plan
from lictor.runtime.tools.sources.function import Function

HELPER = Path(__file__).resolve().parents[2] / "examples" / "helper"


def test_it_is_six_lines() -> None:
    assert len((HELPER / "helper.yaml").read_text().splitlines()) == 6


async def test_its_tool_works() -> None:
    loaded = load_plan(HELPER / "helper.yaml", environ={}, cwd=HELPER)
    assert loaded.plan is not None, loaded.problems
    source = Function(loaded.plan.tools[0])
    await source.open()
    (tool,) = await source.list_tools()
    assert (tool.name, tool.description) == ("opening_hours", "Look up today's opening hours.")
    result = await source.call_tool("opening_hours", {"question": "When are you open?"})
    assert result.structured_content is not None
    assert result.structured_content["result"].startswith("Today the shop is open")


def test_the_other_one_asks_a_person() -> None:
    loaded = load_plan(HELPER / "approval.yaml", environ={}, cwd=HELPER)
    assert loaded.plan is not None
    assert loaded.problems == ()
    assert loaded.plan.approvals.timeout == 120.0
    assert loaded.plan.agents[0].tools[0].permit.ask == ("book_visit",)
