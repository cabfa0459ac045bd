"""The watch: sees every message that comes as far as the behaviour layer, and tells what is conspicuous about it."""

from collections.abc import Mapping
from typing import Final

from lictor.guardrails.admit import TaskBudget
from lictor.guardrails.behaviour import content as reading
from lictor.guardrails.behaviour.drift import Drift
from lictor.guardrails.behaviour.extraction import Extraction
from lictor.guardrails.behaviour.recent import Recent
from lictor.guardrails.behaviour.refusals import Refusals
from lictor.guardrails.behaviour.repetition import Call
from lictor.guardrails.behaviour.sequence import Sequence
from lictor.guardrails.behaviour.signals import NOTHING, Signals, counted, crowd, share
from lictor.guardrails.behaviour.trail import Gathering, Trail
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

_MOST_TRAILS: Final = 8192
_MOST_TASKS: Final = 4096
_MOST_PRINCIPALS: Final = 512
_LEAST_OPEN: Final = 16
_LEAST_BURST: Final = 128
_LEAST_STORM: Final = 64
_LEAST_NOVELTY: Final = 0.6
_LEAST_NEAR: Final = 4
_LEAST_STALE: Final = 5
_LEAST_PING_PONG: Final = 4
LEAST_REFUSALS: Final = 6
_OPERATOR: Final = "op-"
_OUTSIDE: Final = "ext-"


class Watch:
    """Holds the state of all detectors. A message is seen once: judged again, after an approval, it counts no more.

    Operators are people and are not watched. Signals speak of the sender of a request; an answer has none, because
    who answers was asked, but what it says decides whether the asker learns anything.
    """

    def __init__(
        self, ledger: TaskLedger, catalog: ToolCatalog, budgets: Mapping[str, TaskBudget] | None = None
    ) -> None:
        self._ledger = ledger
        self._catalog = catalog
        self._budgets = budgets or {}
        self._trails: Recent[tuple[str, str], Trail] = Recent(_MOST_TRAILS)
        self._gatherings: Recent[str, Gathering] = Recent(_MOST_TASKS)
        self._agents: Recent[str, _Habits] = Recent(_MOST_PRINCIPALS)
        self._extraction = Extraction()

    def see(self, envelope: Envelope, circumstances: Circumstances) -> Signals:
        """Take one message; return what is conspicuous about it, usually nothing."""
        if envelope.kind is Kind.REPLY:
            request = circumstances.request
            if envelope.end and request is not None and request.kind is not Kind.MODEL:
                self._see_answer(envelope, request)
            return NOTHING
        sender = envelope.sender
        if sender.startswith(_OPERATOR):
            return NOTHING
        now = circumstances.now
        key = (envelope.task, sender)
        trail = self._trails.find(key)
        if trail is None:
            trail = Trail(now)
            self._trails.keep(key, trail)
        elif envelope.id in trail.opened:
            return NOTHING
        return self._see_request(envelope, circumstances, trail, now)

    def refuse(self, envelope: Envelope, what: int, now: float) -> int:
        """Count that a message was denied; return how often its sender was denied `what` in this task."""
        key = (envelope.task, envelope.sender)
        trail = self._trails.find(key)
        if trail is None:
            trail = Trail(now)
            self._trails.keep(key, trail)
        if trail.opened.pop(envelope.id, None) is not None and envelope.kind is Kind.A2A:
            self._gather(envelope.task).children -= 1
        refusals = trail.refusals
        if refusals is None:
            refusals = trail.refusals = Refusals()
        return refusals.add(what, now)

    def tick(self, now: float) -> None:
        """Do what need not be done while a message waits; to be called about twice a second."""
        for habits in self._agents.values():
            habits.drift.tick(now)
        self._extraction.tick()

    def forget(self, principal: str) -> None:
        """Forget what a principal did: it was released, or is another one now."""
        for key in [key for key in self._trails if key[1] == principal]:
            self._trails.drop(key)
        self._agents.drop(principal)

    def _see_request(self, envelope: Envelope, circumstances: Circumstances, trail: Trail, now: float) -> Signals:
        action, kind, sender = circumstances.action, envelope.kind, envelope.sender
        rate = trail.rate.add(now)
        asked: Call | None = None
        repeated = near = stale = passes = ping_pong = storm = 0
        if kind is Kind.MCP:
            if action.tool:
                asked = self._ask_tool(envelope, action.tool, action.arguments, trail, now)
        elif kind is Kind.A2A:
            gathering = self._gather(envelope.task)
            gathering.children += 1
            storm = gathering.children
            if action.method in reading.SAID:
                asked, passes, ping_pong = self._say(envelope, trail, gathering, now)
        elif kind is Kind.MODEL:
            repeated = trail.prompts.send(envelope.body, now)
        if asked is not None:
            repetition = trail.repetition
            repeated, near, stale = repetition.repeated, repetition.near, repetition.stale
            if not repetition.divided:
                passes = max(passes, trail.cycle.add(asked.family.near, repetition.fresh, exact=repetition.exact))
        fan_out = trail.open(envelope.id, asked, action.tool, now) if kind is not Kind.MODEL else 0
        if sender.startswith(_OUTSIDE):
            extraction = self._extraction.score(sender)
            unusual: Signals = {"extraction": extraction} if extraction else NOTHING
        else:
            unusual = self._compare(envelope, action.tool, trail, now)
        if (
            repeated < 2
            and near < _LEAST_NEAR
            and stale < _LEAST_STALE
            and not passes
            and ping_pong < _LEAST_PING_PONG
            and fan_out < _LEAST_OPEN
            and rate < _LEAST_BURST
            and storm < _LEAST_STORM
            and trail.refusals is None
        ):
            return unusual
        found = {
            "repeated_call": counted(repeated, 2),
            "near_call": counted(near, _LEAST_NEAR),
            "stale": counted(stale, _LEAST_STALE),
            "cycle": counted(passes, 2),
            "ping_pong": counted(ping_pong, _LEAST_PING_PONG),
            "fan_out": crowd(fan_out, _LEAST_OPEN),
            "storm": crowd(storm, _LEAST_STORM),
            "burst": crowd(rate, _LEAST_BURST),
            "refusals": counted(trail.refusals.most(now), LEAST_REFUSALS) if trail.refusals else 0,
            **unusual,
        }
        return {name: value for name, value in found.items() if value}

    def _compare(self, envelope: Envelope, tool: str, trail: Trail, now: float) -> Signals:
        """Compare a message with what is usual for its sender, and with its budget."""
        habits = self._agents.find(envelope.sender)
        if habits is None:
            habits = _Habits()
            self._agents.keep(envelope.sender, habits)
        step = hash((envelope.target, tool))
        novelty = habits.sequence.add(trail.early, trail.before, step)
        trail.early, trail.before = trail.before, step
        drift = habits.drift
        drift.note(len(envelope.body))
        trail.asked += 1
        burn = 0.0
        if not trail.asked & 7:
            budget = self._budgets.get(envelope.sender)
            if budget is not None:
                burn = trail.burn.share(self._ledger.usage(envelope.task, envelope.sender), budget, now)
        if novelty < _LEAST_NOVELTY and not burn and not drift.score:
            return NOTHING
        found = {"novelty": share(novelty, _LEAST_NOVELTY), "drift": drift.score, "burn": burn}
        return {name: value for name, value in found.items() if value}

    def _ask_tool(self, envelope: Envelope, tool: str, arguments: bytes, trail: Trail, now: float) -> Call:
        content = reading.canonical(arguments)
        target = envelope.target
        exact = hash((target, tool, content))
        asked = trail.repetition.again(exact, now)
        if asked is not None:
            return asked
        near = hash((target, tool, reading.without_changing(content)))
        return trail.repetition.ask(exact, near, content, now)

    def _say(self, envelope: Envelope, trail: Trail, gathering: Gathering, now: float) -> tuple[Call, int, int]:
        """Take what one principal says to another; return what it asks, the pass of a cycle and the ping-pong."""
        content = reading.read_text(envelope.body)
        sender, target = envelope.sender, envelope.target
        same = hash(content)
        exact = hash((target, same))
        asked = trail.repetition.again(exact, now)
        like = 0
        if asked is None:
            like = hash(reading.without_changing(content))
            asked = trail.repetition.ask(exact, hash((target, like)), content, now)
        talk, side = gathering.talk(sender, target)
        if talk.say(side, same, content, like):
            gathering.fresh += 1
            others = self._trails.find((envelope.task, target))
            if others is not None:  # who is told something new may well ask again what it asked before
                others.repetition.fresh += 1
        passes = 0
        if not trail.repetition.divided:
            identity = hash((sender, asked.family.near))
            passes = gathering.cycle.add(identity, gathering.fresh, exact=trail.repetition.exact)
        if sender.startswith(_OUTSIDE):
            self._extraction.note(sender, content)
        return asked, passes, talk.account(side)

    def _see_answer(self, answer: Envelope, request: Envelope) -> None:
        trail = self._trails.find((request.task, request.sender))
        if trail is None:
            return
        opened = trail.opened.pop(request.id, None)
        if opened is None:
            return
        asked, tool, _ = opened
        said = None
        if request.kind is Kind.A2A:
            gathering = self._gather(request.task)
            gathering.children = max(0, gathering.children - 1)
            if asked is not None:
                said = reading.read_answer(answer)
                talk, side = gathering.talk(answer.sender, request.sender)
                gathering.fresh += talk.say(side, hash(said.content), said.content)
        if asked is None:
            return
        said = said or reading.read_answer(answer)
        repetition = trail.repetition
        if not repetition.answer(asked, hash((answer.sender, said.content)), failed=said.failed):
            reads = bool(tool) and self._catalog.reads_only(answer.sender, tool)
            repetition.learn_nothing(asked, len(said.content), failed=said.failed, reads=reads)

    def _gather(self, task: str) -> Gathering:
        gathering = self._gatherings.find(task)
        if gathering is None:
            gathering = Gathering()
            self._gatherings.keep(task, gathering)
        return gathering


class _Habits:
    """What is usual for one principal."""

    __slots__ = ("drift", "sequence")

    def __init__(self) -> None:
        self.sequence = Sequence()
        self.drift = Drift()
