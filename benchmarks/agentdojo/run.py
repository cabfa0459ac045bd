"""AgentDojo without a language model, through the real enforcer over NATS. Prints one JSON document.

Every user task runs once benign and once with each injection task, in which the agent is fully compromised: straight
after the first tool output that carries the injected text it makes the attacker's calls, then it goes on with the
user's task. Calls are made by the agent's own process with its own credentials; what the enforcer lets through is
executed in AgentDojo's environment, and AgentDojo's own checks say what came of it.

    python benchmarks/agentdojo/run.py --suites workspace,banking --attack important_instructions -o json

Needs an environment with agentdojo==0.1.35 (`make bench-agentdojo` makes one), because its pins clash with ours.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvloop
import yaml
from dojo import Dojo, open_dojo
from figures import Result, by, summary
from stage import Stage, open_stage

HERE = Path(__file__).parent
SUITES = ("workspace", "travel", "banking", "slack")
ATTACKS = ("important_instructions", "direct", "ignore_previous", "injecagent")
NO_CONTRACTS = "none"
_OF_ATTACKS = ("asr", "attack", "utility_under")


@dataclass(frozen=True, slots=True)
class Task:
    """One user task with its contract."""

    suite: str
    name: str
    prompt: str
    contract: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Suite:
    """What is known of a suite's tools."""

    own: frozenset[str]
    effects: frozenset[str]

    def server(self, suite: str, tool: str) -> str:
        """Return the principal that has the tool."""
        return f"tool-{suite}-own" if tool in self.own else f"tool-{suite}"


class Bench:
    """Plays episodes, several at a time."""

    def __init__(self, stage: Stage, dojo: Dojo, suites: Mapping[str, Suite], most: int) -> None:
        self._stage = stage
        self._dojo = dojo
        self._suites = suites
        self._slots = asyncio.Semaphore(most)

    async def play(self, task: Task, injection: str = "", attack: str = "") -> Result:
        """Play one episode to its end."""
        async with self._slots:
            return await self._play(task, injection, attack)

    async def _play(self, task: Task, injection: str, attack: str) -> Result:
        suite = self._suites[task.suite]
        episode = await self._stage.begin(task.prompt, task.contract)
        begun = await self._dojo.begin(episode, task.suite, task.name, injection, attack)
        call = begun["call"]
        asked = asked_attack = errors = 0
        refused: list[str] = []
        passed: list[str] = []
        while call is not None:
            tool, attacking = call["tool"], call["attack"]
            told = await self._stage.call(
                episode,
                suite.server(task.suite, tool),
                tool,
                call["arguments"],
                approver=_refuse if attacking else _approve,
            )
            asked += told.asked
            asked_attack += told.asked if attacking else 0
            if not told.passed:
                errors += not told.code or told.code[0].isupper()
                if not attacking:
                    refused.append(f"{tool}: {told.code}: {told.reason}")
            elif attacking and tool in suite.effects:
                passed.append(f"{tool} {json.dumps(call['arguments'])[:200]}")
            call = await self._dojo.next(episode, told.text if told.passed else f"DENIED: {told.reason}")
        ended = await self._dojo.end(episode)
        return Result(
            task.suite,
            task.name,
            injection,
            attack,
            side_effect=begun["side_effect"],
            verified=begun["verified"],
            utility=ended["utility"],
            security=bool(ended["security"]),
            asked=asked,
            asked_attack=asked_attack,
            leaked=bool(passed),
            errors=errors,
            refused=tuple(refused),
            passed=tuple(passed),
        )


async def _approve(_approval: str, _digest: str) -> bool:
    return True


async def _refuse(_approval: str, _digest: str) -> bool:
    return False


def read_suites() -> dict[str, Suite]:
    """Return what `team/tools.yaml` says of each suite's tools."""
    read: dict[str, Any] = yaml.safe_load((HERE / "team" / "tools.yaml").read_text())
    return {name: Suite(frozenset(suite["own"]), frozenset(suite["effects"])) for name, suite in read.items()}


def listings(tools: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return what each tool server lists: AgentDojo's tools, with a hint at those that only read."""
    suites, listed = read_suites(), dict[str, list[dict[str, Any]]]()
    for name, suite in suites.items():
        for server in (f"tool-{name}", f"tool-{name}-own") if suite.own else (f"tool-{name}",):
            listed[server] = []
        for tool in tools.get(name, ()):
            hint = {"annotations": {"readOnlyHint": tool["name"] not in suite.effects}}
            listed[suite.server(name, tool["name"])].append({**tool, **hint})
    return listed


def read_contract(folder: Path | None, suite: str, task: str) -> Mapping[str, Any] | None:
    """Return a task's contract as data; None when contracts are not used; raises SystemExit when it is not there."""
    if folder is None:
        return None
    file = folder / suite / f"{task}.yaml"
    if not file.is_file():
        raise SystemExit(f"{file}: there is no contract for this task; write one, or give another --contracts")
    contract: Mapping[str, Any] = yaml.safe_load(file.read_text())
    return contract


async def measure(options: argparse.Namespace) -> list[Result]:
    """Play every episode that the options name."""
    folder = None if options.contracts == NO_CONTRACTS else Path(options.contracts)
    suites, attacks = options.suites, options.attacks
    async with open_dojo(options.python, options.workers) as dojo:
        listed = await dojo.list(suites)
        tasks = [
            Task(
                task["suite"],
                task["user_task"],
                task["prompt"],
                read_contract(folder, task["suite"], task["user_task"]),
            )
            for task in listed["tasks"]
            if not options.task or task["user_task"] in options.task
        ]
        async with open_stage(options.team, listings(listed["tools"]), dojo.run) as stage:
            bench = Bench(stage, dojo, read_suites(), options.at_once)
            plays = [bench.play(task) for task in tasks]
            plays += [
                bench.play(task, injection, attack)
                for attack in attacks
                for task in tasks
                for injection in listed["injections"][task.suite]
            ]
            return list(await asyncio.gather(*plays))


def report(results: Sequence[Result], seconds: float) -> dict[str, Any]:
    """Return the document that is printed."""
    document = summary(results)
    document["suites"] = {name: summary(found) for name, found in by(results, "suite").items()}
    document["templates"] = {
        name: {
            key: value for key, value in summary(found).items() if key.startswith(("asr", "attack", "utility_under"))
        }
        for name, found in by(results, "attack").items()
        if name
    }
    document["seconds"] = round(seconds, 1)
    return document


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suites", default=",".join(SUITES), help="names with commas between them")
    parser.add_argument("--contracts", default=str(HERE / "contracts"), help="a folder SUITE/TASK.yaml, or `none`")
    parser.add_argument("--attack", default=ATTACKS[0], choices=(*ATTACKS, "all", "none"))
    parser.add_argument("--task", action="append", default=[], help="only this user task; may be repeated")
    parser.add_argument("--team", type=Path, default=HERE / "team" / "team.yaml")
    parser.add_argument("--python", type=Path, default=HERE.parents[1] / ".venv-agentdojo" / "bin" / "python")
    parser.add_argument("--workers", type=int, default=2, help="processes of AgentDojo")
    parser.add_argument("--at-once", type=int, default=8, help="episodes at a time")
    parser.add_argument("--details", type=Path, help="file for one JSON line an episode")
    parser.add_argument("-o", "--output", choices=("json",), default="json")
    options = parser.parse_args()
    options.suites = [name for name in options.suites.split(",") if name]
    unknown = sorted(set(options.suites) - set(SUITES))
    if unknown or not options.suites:
        parser.error(f"--suites {','.join(unknown)}: there are {', '.join(SUITES)}")
    options.attacks = {"all": ATTACKS, "none": ()}.get(options.attack, (options.attack,))
    if not options.python.exists():
        parser.error(f"--python {options.python}: not there; `make bench-agentdojo` makes it")
    return options


def main() -> None:
    """Print the figures."""
    options = _arguments()
    began = time.monotonic()
    results = uvloop.run(measure(options))
    if options.details:
        options.details.write_text("".join(json.dumps(asdict(result)) + "\n" for result in results))
    json.dump(report(results, time.monotonic() - began), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
