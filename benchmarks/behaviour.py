"""How well the behaviour layer tells loops and storms from lively work: normal traces with injected faults.

python benchmarks/behaviour.py [--seed N] [--normal MESSAGES] [--loops N] [--verbose]

Every message goes through the layers identify, admit, route and behaviour with the built-in policies, as the enforcer
puts them together; the clock is the trace's own. The seeds it runs with were not used while the limits were chosen
(those are 1 to 99). A loop counts as found when the layer denies one of its messages; `detected_within` counts the
loop's messages from the first that repeats another: answers to them, and model calls in between, whose prompts are new
each time, are not counted.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from statistics import median
from time import process_time
from typing import Any

from behaviour_faults import CROWDS, LOOPS, Fault, fault_scene
from behaviour_traces import AGENTS, MODEL, READING, SERVERS, Message, Scene, normal_scene

from lictor.guardrails.action import read_action
from lictor.guardrails.admit import Admit, AdmitLimits
from lictor.guardrails.behaviour.layer import Behaviour
from lictor.guardrails.behaviour.watch import Watch
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.identify import Identify
from lictor.guardrails.layer import Circumstances, Layer
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.pipeline import judge
from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyEngine
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.route import Route
from lictor.guardrails.verdict import Outcome
from lictor.protocols.envelope import Envelope
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import Kind

BEGIN = 1_800_000_000.0
TICK = 0.5
PART = 500
"""Messages whose cost is measured together."""


def team() -> dict[str, Any]:
    """Return the policy data of a team in which everybody may speak to everybody: only behaviour decides."""
    place = {"file": "team.yaml", "line": 1}
    permit = {"allow": ["*"], "ask": [], "deny": [], "otherwise": "allow", **place}
    others = {server: {"kind": "mcp", **place} for server in SERVERS} | {MODEL: {"kind": "model", **place}}
    return {
        "principals": {name: {"role": "agent", **place} for name in AGENTS}
        | {name: {"role": "tool", **place} for name in SERVERS}
        | {MODEL: {"role": "model", **place}},
        "edges": {
            name: {other: {"kind": "a2a", **place} for other in AGENTS if other != name} | others for name in AGENTS
        },
        "agents": {name: {"delegates": [each for each in AGENTS if each != name], **place} for name in AGENTS},
        "permits": {name: dict.fromkeys(SERVERS, permit) for name in AGENTS},
        "exposed": list(AGENTS),
    }


@dataclass
class Run:
    """What happened to the messages of one scene."""

    judged: int = 0
    loops: int = 0
    found_after: int = 0
    """Messages of the fault up to the first that was denied; 0 when none was."""
    quarantined_after: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)


class Enforcer:
    """The layers of an enforcer around a clock of its own."""

    def __init__(self, engine: PolicyEngine) -> None:
        ledger, self._catalog = TaskLedger(), ToolCatalog()
        slot = PolicySlot(engine, Question(self._catalog, ledger))
        self._ledger = ledger
        self.behaviour = Behaviour(slot, ledger, self._catalog)
        self.layers: tuple[Layer, ...] = (
            Identify(ledger, since=0.0),
            Admit(ledger, AdmitLimits(rate=1000)),
            Route(slot),
            self.behaviour,
        )
        self.shows = False
        self.seen: list[tuple[Envelope, Circumstances]] = []
        """What reached the behaviour layer."""
        self._ticked = 0.0
        tools = [{"name": name, "annotations": {"readOnlyHint": True}} for name in _reading_tools()]
        for server in SERVERS:
            self._catalog.learn(server, json.dumps({"result": {"tools": tools}}).encode())

    def play(self, scenes: Iterable[Scene]) -> list[Run]:
        """Judge the messages of all scenes in the order of time; what was denied has no answer."""
        scenes = list(scenes)
        runs, tasks = [Run() for _ in scenes], [new_id(scene.messages[0].at) for scene in scenes]
        sent: list[dict[int, Envelope]] = [{} for _ in scenes]
        order = sorted(
            (message.at, place, message.number) for place, scene in enumerate(scenes) for message in scene.messages
        )
        for at, place, number in order:
            if at - self._ticked >= TICK:
                self.behaviour.tick(at)
                self._ticked = at
            message = scenes[place].messages[number]
            request = sent[place].get(message.to)
            if message.kind is Kind.REPLY and request is None:
                continue
            envelope = _envelope(message, tasks[place], request)
            self._judge(envelope, message, request, runs[place], sent[place])
        return runs

    def _judge(
        self, envelope: Envelope, message: Message, request: Envelope | None, run: Run, sent: dict[int, Envelope]
    ) -> None:
        now, action = message.at, read_action(envelope)
        about = Circumstances(now, action, request, conduct=self.behaviour.conduct.score(envelope.sender, now))
        judgement = judge(self.layers, envelope, about)
        further = self.behaviour.note_judgement(envelope, judgement, now)
        if len(judgement.verdicts) == len(self.layers):
            self.seen.append((envelope, about))
        run.judged += 1
        run.loops += message.loop
        outcome = further.outcome if further is not None else judgement.outcome
        run.warned.update(judgement.obliged("warn"))
        if judgement.passes:
            sent[message.number] = envelope
            if message.kind is not Kind.REPLY:
                self._ledger.reach(envelope.task, envelope.target, 1)
            return
        run.codes[judgement.deciding.code] += 1
        if self.shows:
            facts = judgement.deciding.facts.decode()
            print(f"  {now:.1f} {envelope.sender}>{envelope.target} {action.word} {judgement.deciding.code} {facts}")
        run.found_after = run.found_after or run.loops
        if outcome is Outcome.QUARANTINE:
            run.quarantined_after = run.quarantined_after or run.loops


def _envelope(message: Message, task: str, request: Envelope | None) -> Envelope:
    if request is None:
        return Envelope(new_id(message.at), message.sender, message.target, message.kind, message.body, "r", task=task)
    return Envelope(
        new_id(message.at),
        message.sender,
        message.target,
        Kind.REPLY,
        message.body,
        in_reply_to=request.id,
        request_kind=request.kind,
        task=task,
    )


def _reading_tools() -> list[str]:
    written = [f"{prefix}{name}" for prefix in READING for name in _TOOLS]
    return written + [f"{name}_{number}" for name in written for number in range(8)]


_TOOLS = (
    "emails", "file", "balance", "web", "price", "alerts", "job", "job_status", "tickets", "handbook", "index",
    "channels", "channel_messages", "current_day", "day_events",
)  # fmt: skip


def play_normal(enforcer: Enforcer, rng: Random, least: int) -> list[Run]:
    """Play normal tasks, a few dozen at a time, until so many messages were judged."""
    runs: list[Run] = []
    begin = BEGIN
    while sum(run.judged for run in runs) < least:
        scenes = [normal_scene(rng, begin + rng.uniform(0, 120)) for _ in range(30)]
        runs += enforcer.play(scenes)
        begin = max(scene.now for scene in scenes) + 60.0
    return runs


def play_faults(engine: PolicyEngine, rng: Random, faults: tuple[Fault, ...], count: int) -> list[tuple[str, Run]]:
    """Play each fault amid normal tasks of the same agents, on an enforcer of its own."""
    found = []
    for number in range(count):
        fault = faults[number % len(faults)]
        enforcer = Enforcer(engine)
        scenes = [
            fault_scene(rng, BEGIN + 20.0, fault),
            *(normal_scene(rng, BEGIN + rng.uniform(0, 60)) for _ in range(3)),
        ]
        found.append((fault.__name__, enforcer.play(scenes)[0]))
    return found


def measure(engine: PolicyEngine, seen: list[tuple[Envelope, Circumstances]]) -> dict[str, float]:
    """Return the CPU a message costs, in µs: the detectors alone, and the whole layer with its decisions cached."""
    behaviour, told = Enforcer(engine).behaviour, {}
    for envelope, about in seen:  # fills the cache of decisions
        behaviour.judge(envelope, about)
    for sender in {envelope.sender for envelope, _ in seen}:
        behaviour.release(sender)
    for name, judges in (("detectors", Watch(TaskLedger(), ToolCatalog()).see), ("layer", behaviour.judge)):
        costs = []
        for place in range(0, len(seen) - PART, PART):
            part = seen[place : place + PART]
            began = process_time()
            for envelope, about in part:
                judges(envelope, about)
            costs.append((process_time() - began) * 1e6 / PART)
        told[f"cpu_us_{name}_p50"] = round(median(costs), 1)
    return told


def main() -> None:
    """Print what was found and what was found wrongly; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20270131)
    parser.add_argument("--normal", type=int, default=40_000)
    parser.add_argument("--loops", type=int, default=220)
    parser.add_argument("--crowds", type=int, default=30)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    rng = Random(options.seed)
    engine = EmbeddedRego(load_bundle(team()))
    enforcer = Enforcer(engine)
    enforcer.shows = options.verbose
    normal = play_normal(enforcer, rng, options.normal)
    judged = sum(run.judged for run in normal)
    codes, warned = sum((run.codes for run in normal), Counter()), sum((run.warned for run in normal), Counter())
    print(f"normal: {judged} messages of {len(normal)} tasks; denied {dict(codes)}; warned {dict(warned)}")
    rng = Random(options.seed + 1)
    loops = play_faults(engine, rng, LOOPS, options.loops)
    crowds = play_faults(engine, rng, CROWDS, options.crowds)
    for name in sorted({name for name, _ in [*loops, *crowds]}):
        runs = [run for kind, run in [*loops, *crowds] if kind == name]
        after = sorted(run.found_after for run in runs)
        stopped = len([1 for run in runs if run.quarantined_after])
        print(f"  {name:14} found after {after[0]:3} to {after[-1]:3} messages; quarantined {stopped} of {len(runs)}")
    quarantined = sum(bool(run.quarantined_after) or run.codes["behaviour.refusals"] for run in normal)
    told = {
        "normal_messages": judged,
        "loops": _summary(loops),
        "crowds": _summary(crowds),
        "false_quarantines_per_10k": round(quarantined / judged * 10_000, 3),
        "false_denials_per_10k": round(sum(codes.values()) / judged * 10_000, 3),
        "false_warnings_per_10k": round(sum(warned.values()) / judged * 10_000, 3),
        **measure(engine, enforcer.seen),
    }
    print(json.dumps(told))


def _summary(found: list[tuple[str, Run]]) -> dict[str, int | float]:
    after = [run.found_after for _, run in found if run.found_after]
    return {
        "injected": len(found),
        "missed": len(found) - len(after),
        "missed_within_10": len([1 for _, run in found if not 0 < run.found_after <= 10]),
        "detected_within_p50": median(after) if after else 0,
        "detected_within_max": max(after, default=0),
        "quarantined": len([1 for _, run in found if run.quarantined_after]),
    }


if __name__ == "__main__":
    main()
