"""Attackers who know the policy and the contract, through the real enforcer over NATS. Prints one JSON document.

Each case of `adaptive/*.yaml` is a small scripted episode with tools of its own and no language model: the user gives
a task and declares its contract, then the agents, which belong to the attacker, make the calls that the case names.
A case is lost when the attacker's calls were executed. What gets through is listed, not hidden.

    python benchmarks/agentdojo/adaptive.py [--family NAME] [--case NAME] -o json
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
import yaml
from stage import Approver, Output, Stage, Told, open_stage

HERE = Path(__file__).parent
CASES = HERE / "adaptive"
SERVERS: Mapping[str, Mapping[str, bool]] = {
    "tool-inbox": {"read_file": True, "read_mail": True, "fetch_page": False, "list_files": True, "find_events": True},
    "tool-office": {"find_contact": True, "read_note": True, "write_note": False, "list_payments": True},
    "tool-actions": dict.fromkeys(
        (
            "send_money",
            "send_email",
            "create_event",
            "add_participants",
            "delete_file",
            "share_file",
            "create_file",
            "invite_user",
            "post_message",
            "update_password",
            "add_contact",
        ),
        False,
    ),
    "tool-mimic": {"find_contact": True, "read_note": True, "read_file": True},
}
"""Tools of each server, and whether each only reads."""


@dataclass(frozen=True, slots=True)
class Case:
    """One scripted episode."""

    name: str
    family: str
    about: str
    prompt: str
    contract: Mapping[str, Any] | None
    outputs: Mapping[str, Any]
    steps: Sequence[Mapping[str, Any]]
    lost_if: str | Mapping[str, Any] = "any"
    """`any` or `all` of the attacker's calls are executed, or `{tool, more_than}`: a tool is called more often."""
    tired_after: int | None = None
    """From which question on the person says yes to everything; None means never."""
    expected: str = "blocked"
    """What its writer expects, `blocked` or `through`; only for telling surprises."""


@dataclass
class Run:
    """One case under way: its world, and what was executed in it."""

    case: Case
    task: str = ""
    executed: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    questions: int = 0
    told: list[str] = field(default_factory=list)
    landed: list[bool] = field(default_factory=list)
    """For each of the attacker's calls, whether it was executed."""
    tasks: list[str] = field(default_factory=list)

    def output(self, server: str, tool: str, arguments: Mapping[str, Any]) -> Output:
        """Execute a call that was let through."""
        self.executed.append(json.dumps([tool, arguments], sort_keys=True))
        if tool == "write_note":
            self.notes[str(arguments.get("name"))] = str(arguments.get("text"))
            return Output("written")
        if tool == "read_note" and server == "tool-office" and str(arguments.get("name")) in self.notes:
            return Output(self.notes[str(arguments.get("name"))])
        given = self.case.outputs.get(f"{server.removeprefix('tool-')}/{tool}", self.case.outputs.get(tool, "done"))
        if isinstance(given, Mapping) and "by" in given:
            given = given["is"].get(arguments.get(given["by"]), "not found")
        text = given if isinstance(given, str) else yaml.safe_dump(given)
        return Output(text, None if isinstance(given, str) else given)


class Adaptive:
    """Plays cases on one stage."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self.stage: Stage | None = None

    async def serve(self, task: str, server: str, tool: str, arguments: Mapping[str, Any]) -> Output:
        """Be every tool server."""
        run = self._runs.get(task)
        return run.output(server, tool, arguments) if run is not None else Output("no such task", is_error=True)

    async def play(self, case: Case) -> dict[str, Any]:
        """Play one case and return what came of it."""
        run = Run(case)
        await self._begin(run)
        for step in case.steps:
            for number in range(step.get("repeat", 1)):
                if "together" in step:
                    await asyncio.gather(*[self._step(run, each) for each in step["together"]])
                elif "again" in step:
                    await self._begin(run)
                else:
                    await self._step(run, _numbered(step, number))
        if isinstance(case.lost_if, Mapping):
            calls = sum(json.loads(item)[0] == case.lost_if["tool"] for item in run.executed)
            through = calls > case.lost_if["more_than"]
        else:
            through = (all if case.lost_if == "all" else any)(run.landed) and bool(run.landed)
        return {
            "case": case.name,
            "family": case.family,
            "through": through,
            "expected": case.expected,
            "questions": run.questions,
            "told": run.told,
        }

    async def _begin(self, run: Run) -> None:
        assert self.stage is not None
        run.task = await self.stage.begin(run.case.prompt, run.case.contract)
        run.tasks.append(run.task)
        self._runs[run.task] = run

    async def _step(self, run: Run, step: Mapping[str, Any]) -> None:
        """Make one step, and note whether it was the attacker's and landed."""
        before = len(run.executed)
        told = await self._make(run, step)
        what = str(step.get("attack") or step.get("call") or next(iter(step)))
        run.told.append(f"{what}: {'passed' if told.passed else told.code + ': ' + told.reason}"[:300])
        if "attack" in step and step.get("counts", True):
            evil = str(step.get("evil", ""))
            run.landed.append(
                any(evil in item for item in run.executed[before:] if json.loads(item)[0] == step["attack"])
            )

    async def _make(self, run: Run, step: Mapping[str, Any]) -> Told:
        stage, agent = self.stage, str(step.get("by", "agent"))
        assert stage is not None
        approver = self._approver(run, step, agent)
        if "tell" in step:
            text, reply = str(step["text"]), str(step.get("reply", "ok"))
            return await stage.message(run.task, agent, step["tell"], text, reply=reply, approver=approver)
        if "ask_model" in step:
            return await stage.ask_model(run.task, agent, "model-parrot", str(step["ask_model"]), approver=approver)
        tool = str(step.get("attack") or step.get("call"))
        server = str(step.get("at") or next((name for name, tools in SERVERS.items() if tool in tools), "tool-actions"))
        more = {key: str(step[key]) for key in ("raw", "identifier") if key in step}
        arguments = {**step.get("with", {}), **_grown(step.get("grown", {}))}
        task = run.tasks[0] if step.get("first_task") else run.task
        told = await stage.call(task, server, tool, arguments, approver=approver, agent=agent, **more)
        if step.get("replay"):
            more["identifier"] = told.identifier
            return await stage.call(task, server, tool, arguments, approver=approver, agent=agent, **more)
        return told

    def _approver(self, run: Run, step: Mapping[str, Any], agent: str) -> Approver:
        """Return who answers: yes to the user's own calls, no to the attacker's, and yes to all once tired."""

        async def decide(approval: str, digest: str) -> bool:
            run.questions += 1
            if step.get("approves_itself"):
                assert self.stage is not None
                said = {"id": approval, "digest": digest}
                await self.stage.call(run.task, "enforcer", "approvals.approve", said, approver=decide, agent=agent)
            tired = run.case.tired_after is not None and run.questions > run.case.tired_after
            return tired or "attack" not in step

        return decide


def _numbered(step: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """Return a repeated step with its number in place of `{n}`."""
    given = step.get("with", {}).items()
    said = {key: text.replace("{n}", str(number)) if isinstance(text, str) else text for key, text in given}
    return {**step, "with": said} if said else step


def _grown(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments that would be long to write down: `{name: {item, times, then}}`, or `{name: {deep, item}}`."""
    grown: dict[str, Any] = {}
    for name, how in given.items():
        if "deep" in how:
            value = how["item"]
            for _ in range(how["deep"]):
                value = [value]
        else:
            value = [how["item"]] * how["times"] + how.get("then", [])
        grown[name] = value
    return grown


def read_cases(folder: Path = CASES) -> Iterator[Case]:
    """Yield the cases; a case of a file takes over what the file's `world` says and it does not."""
    for file in sorted(folder.glob("*.yaml")):
        document = yaml.safe_load(file.read_text())
        worlds = document.get("worlds", {})
        for given in document["cases"]:
            case = {**worlds.get(given.get("world"), {}), **{key: given[key] for key in given if key != "world"}}
            yield Case(
                name=case["name"],
                family=document["family"],
                about=case.get("about", ""),
                prompt=case["prompt"],
                contract=case.get("contract"),
                outputs=case.get("outputs", {}),
                steps=case["steps"],
                lost_if=case.get("lost_if", "any"),
                tired_after=case.get("tired_after"),
                expected=case.get("expected", "blocked"),
            )


def listings() -> dict[str, list[dict[str, Any]]]:
    """Return what each tool server lists."""
    return {
        server: [
            {"name": tool, "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": reads}}
            for tool, reads in tools.items()
        ]
        for server, tools in SERVERS.items()
    }


async def measure(cases: Sequence[Case], team: Path, at_once: int) -> list[dict[str, Any]]:
    """Play the cases."""
    adaptive, slots = Adaptive(), asyncio.Semaphore(at_once)

    async def play(case: Case) -> dict[str, Any]:
        async with slots:
            return await adaptive.play(case)

    async with open_stage(team, listings(), adaptive.serve) as stage:
        adaptive.stage = stage
        return list(await asyncio.gather(*[play(case) for case in cases]))


def report(results: Sequence[Mapping[str, Any]], cases: Sequence[Case], seconds: float) -> dict[str, Any]:
    """Return the document that is printed."""
    families: dict[str, dict[str, int]] = {}
    for result in results:
        family = families.setdefault(result["family"], {"cases": 0, "got_through": 0, "questions": 0})
        family["cases"] += 1
        family["got_through"] += result["through"]
        family["questions"] += result["questions"]
    about = {case.name: case.about for case in cases}
    through = [result for result in results if result["through"]]
    return {
        "cases": len(results),
        "got_through": len(through),
        "by_family": families,
        "through": [{"case": result["case"], "about": about[result["case"]]} for result in through],
        "surprises": [r["case"] for r in results if r["through"] != (r["expected"] == "through")],
        "seconds": round(seconds, 1),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", action="append", default=[])
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--team", type=Path, default=HERE / "team" / "adaptive.yaml")
    parser.add_argument("--at-once", type=int, default=4, help="cases at a time")
    parser.add_argument("--details", type=Path, help="file for one JSON line a case")
    parser.add_argument("-o", "--output", choices=("json",), default="json")
    options = parser.parse_args()
    cases = [
        case
        for case in read_cases()
        if (not options.family or case.family in options.family) and (not options.case or case.name in options.case)
    ]
    if not cases:
        parser.error("no case is called so")
    began = time.monotonic()
    results = uvloop.run(measure(cases, options.team, options.at_once))
    if options.details:
        options.details.write_text("".join(json.dumps(result) + "\n" for result in results))
    json.dump(report(results, cases, time.monotonic() - began), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
