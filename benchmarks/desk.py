"""Ask the desk team its twenty questions, and count the answers that cite the right passage and hold the facts.

    python benchmarks/desk.py                 start the team once and ask everything
    python benchmarks/desk.py -k password     only the questions that hold a word
    python benchmarks/desk.py --processes     one `lictor run` for each question: slower, nothing shared

Prints a line for each question, and as its last line {"questions": …, "passages": …, "facts": …}: how many there are,
how many cite the right passage first, and how many hold every fact.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from lictor.protocols.identifiers import new_id
from lictor.protocols.nats.mesh import NatsMesh
from lictor.runtime.cli.asking import ask
from lictor.runtime.cli.reading import read_plan
from lictor.runtime.cli.team import OPERATOR, Team

DESK = Path(__file__).resolve().parent.parent / "examples" / "desk"
SECONDS = 180.0
"""How long to wait for one answer."""


@dataclass(frozen=True)
class Question:
    """A question, and what a right answer needs."""

    ask: str
    file: str
    heading: str
    facts: tuple[tuple[str, ...], ...]
    """Every group must be in the answer, by any of its wordings."""


@dataclass(frozen=True)
class Answer:
    """What the team said; `text` is a complaint when it said nothing."""

    text: str
    citations: tuple[tuple[str, str], ...] = ()
    """File and heading, best first."""


Ask = Callable[[str], Awaitable[Answer]]


def read_questions(path: Path) -> list[Question]:
    """Read the questions of a file."""
    listed = yaml.safe_load(path.read_text())["questions"]
    return [
        Question(
            each["ask"],
            each["passage"]["file"],
            each["passage"]["heading"],
            tuple(tuple(str(wording) for wording in group) for group in each["facts"]),
        )
        for each in listed
    ]


def cites(question: Question, answer: Answer) -> bool:
    """Tell whether the first citation is the passage that answers the question."""
    return answer.citations[:1] == ((question.file, question.heading),)


def holds(question: Question, answer: Answer) -> bool:
    """Tell whether every fact is in the answer, whatever the case and the spacing."""
    said = " ".join(answer.text.split()).casefold()
    return all(any(wording.casefold() in said for wording in group) for group in question.facts)


async def measure(questions: list[Question], ask: Ask) -> dict[str, int]:
    """Ask everything, one question after the other, and return the counts."""
    passages = facts = 0
    for number, question in enumerate(questions, start=1):
        answer = await ask(question.ask)
        passage, fact = cites(question, answer), holds(question, answer)
        passages += passage
        facts += fact
        marks = f"{'ok' if passage else 'MISS':4} passage  {'ok' if fact else 'MISS':4} facts"
        print(f"{number:2}  {marks}  {question.ask}\n    {' '.join(answer.text.split())}", flush=True)
        if not passage:
            print(f"    cites {answer.citations[:1] or 'nothing'}", flush=True)
    return {"questions": len(questions), "passages": passages, "facts": facts}


@asynccontextmanager
async def team_of(file: Path) -> AsyncIterator[Ask]:
    """Start the team in `file` and yield how to ask it."""
    with tempfile.TemporaryDirectory(prefix="lictor-desk-") as folder:
        plan = replace(read_plan(file), store=f"sqlite:///{folder}/record.db")
        team = Team(plan, Path(folder), logs=Path(folder) / "logs")
        await team.open()
        mesh = NatsMesh(lambda: team.access(OPERATOR))
        try:
            await mesh.open()

            async def one(question: str) -> Answer:
                ending = await ask(mesh, plan.agents[0].name, question, task=new_id(), seconds=SECONDS)
                cited = tuple((each.file, each.heading) for each in ending.outcome.citations)
                return Answer(ending.outcome.text if ending.state == "completed" else f"[{ending.reason}]", cited)

            yield one
        finally:
            await mesh.close()
            await team.close()


@asynccontextmanager
async def process_of(file: Path) -> AsyncIterator[Ask]:
    """Yield how to ask the team in `file` by a `lictor run` for each question."""

    def run(question: str) -> Answer:
        command = [sys.executable, "-m", "lictor", "run", str(file), question, "-o", "json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=folder)
        document: dict[str, Any] = json.loads(done.stdout) if done.stdout.strip() else {}
        cited = tuple((each["file"], each["heading"]) for each in document.get("citations", ()))
        return Answer(document.get("answer") or f"[exit {done.returncode}: {done.stderr.strip()[-200:]}]", cited)

    async def one(question: str) -> Answer:
        return await asyncio.to_thread(run, question)

    with tempfile.TemporaryDirectory(prefix="lictor-desk-") as folder:
        yield one


async def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-k", metavar="WORD", default="", help="only the questions that hold this")
    parser.add_argument("--processes", action="store_true", help="one `lictor run` for each question")
    arguments = parser.parse_args()
    questions = [each for each in read_questions(DESK / "questions.yaml") if arguments.k.lower() in each.ask.lower()]
    opened = process_of if arguments.processes else team_of
    async with opened(DESK / "desk.yaml") as ask:
        counts = await measure(questions, ask)
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
