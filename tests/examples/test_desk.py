"""The desk example: its files agree with one another, and its search finds what the questions need."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from mediated_team import Team, mediation

from lictor.runtime.definition.load import load_plan
from lictor.runtime.definition.plan import Plan
from lictor.runtime.tools.index import Hit, PassageIndex
from lictor.runtime.tools.passages import passages_of
from lictor.runtime.tools.sources.rag import Rag

DESK = Path(__file__).resolve().parents[2] / "examples" / "desk"
QUESTIONS = yaml.safe_load((DESK / "questions.yaml").read_text())["questions"]


def read_plan() -> Plan:
    loaded = load_plan(DESK / "desk.yaml", environ={}, cwd=DESK.parent.parent)
    assert loaded.plan is not None, loaded.problems
    return loaded.plan


@pytest.fixture(scope="module")
def index() -> PassageIndex:
    made = PassageIndex(DESK / "handbook", DESK)
    made.refresh()
    return made


def best(index: PassageIndex, question: dict[str, Any]) -> Hit:
    return index.search(question["ask"], 1)[0]


def holds(text: str, question: dict[str, Any]) -> bool:
    said = " ".join(text.split()).casefold()
    return all(any(str(wording).casefold() in said for wording in group) for group in question["facts"])


def test_the_handbook_is_one() -> None:
    pages = sorted((DESK / "handbook").glob("*.md"))
    assert len(pages) >= 15
    for page in pages:
        text = page.read_text()
        assert 250 <= len(text.split()) <= 500, page.name
        assert text.count("\n# ") == 0
        assert text.startswith("# ")


def test_every_question_names_a_passage_that_holds_its_facts() -> None:
    passages = {
        (passage.file, passage.heading): passage.text
        for page in (DESK / "handbook").glob("*.md")
        for passage in passages_of(page.relative_to(DESK).as_posix(), page.read_text())
    }
    assert len(QUESTIONS) == 20
    for question in QUESTIONS:
        key = (question["passage"]["file"], question["passage"]["heading"])
        assert key in passages, question["ask"]
        assert holds(passages[key], question), question["ask"]


def test_the_right_passage_is_found_first(index: PassageIndex) -> None:
    hits = [best(index, question).passage for question in QUESTIONS]
    right = [
        (hit.file, hit.heading) == (question["passage"]["file"], question["passage"]["heading"])
        for hit, question in zip(hits, QUESTIONS, strict=True)
    ]
    assert sum(right) >= 19


def test_its_quote_holds_the_facts(index: PassageIndex) -> None:
    assert sum(holds(best(index, question).quote, question) for question in QUESTIONS) >= 19


def test_the_writer_has_no_delegates() -> None:
    triage, retriever, writer = read_plan().agents
    assert (triage.delegates, retriever.delegates, writer.delegates) == (("retriever", "writer"), (), ())
    assert triage.expose == ("chat",)
    assert "writer:" in (DESK / "desk.yaml").read_text().splitlines()[writer.place.line - 1]


async def test_the_writer_is_refused_by_name_and_line_and_answers_in_the_words_of_the_handbook() -> None:
    plan = read_plan()
    said: list[str] = []

    def say(request: dict[str, Any]) -> str:
        grammar = request.get("grammar", "")
        if not grammar:
            return "I have found passages."
        first, _, second = grammar.removeprefix("root ::= ").split(" | ")[0].partition(' " " ')
        said.extend((json.loads(first), json.loads(second)))
        return " ".join(said)

    rag = Rag(plan.tools[0])
    await rag.open()

    async def search(arguments: dict[str, Any]) -> dict[str, Any]:
        result = await rag.call_tool("search", arguments)
        return result.model_dump(mode="json", by_alias=True, exclude_none=True)

    team = Team(mediation(plan.agents, plan.policy_data))
    try:
        await team.add_model(say, plan.models[0].principal)
        await team.add_tools(plan.tools[0].principal, {"search": search})
        for each in plan.agents:
            await team.add_agent(each, dict.fromkeys(each.delegates, ""))
        outcome = await team.ask("triage", QUESTIONS[0]["ask"])
    finally:
        await team.close()

    (refused,) = [entry for entry in team.entries if (entry.sender, entry.target) == ("writer", "retriever")]
    assert refused.outcome == "deny"
    reasons = [verdict for verdict in refused.verdicts if verdict.line]
    assert reasons[0].line == plan.agents[2].place.line
    expected = QUESTIONS[0]["passage"]
    assert [(each.file, each.heading) for each in outcome.citations] == [(expected["file"], expected["heading"])]
    page = " ".join((DESK / expected["file"]).read_text().split())
    assert (outcome.text, len(said)) == (" ".join(said), 2)
    assert all(sentence in page for sentence in said)
    await rag.close()
