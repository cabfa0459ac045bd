"""Judging recorded messages by a draft of the policy: which verdicts would flip, and what cannot be known."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lictor.guardrails.policy.hindsight import Again, Hindsight, strictest
from lictor.guardrails.verdict import Verdict
from lictor.runtime.cli.recalling import recall, verdicts_of
from lictor.runtime.store.reader import Reader
from lictor.runtime.store.results import Message, MessageFilter

_PAGE: Final = 500
_EXAMPLES: Final = 20


@dataclass(slots=True)
class Flip:
    """Verdicts that change in one way, for one reason."""

    before: Verdict
    after: Verdict
    count: int = 0
    uncertain: int = 0
    """Of these the draft reads something that was not recorded."""
    examples: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class Simulation:
    """What a draft would have said of recorded messages."""

    revision: str
    judged: int = 0
    not_asked: int = 0
    """Messages that were turned away before the policy, or that nobody answered."""
    uncertain: int = 0
    flips: dict[tuple[Any, ...], Flip] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    """How many messages the draft reads a field of that was not recorded."""
    bundles: dict[str, int] = field(default_factory=dict)
    """The revisions that had judged them."""

    @property
    def flipped(self) -> int:
        """How many verdicts change."""
        return sum(flip.count for flip in self.flips.values())

    def sorted(self) -> list[Flip]:
        """Return the flips, the most frequent first."""
        return sorted(self.flips.values(), key=lambda flip: (-flip.count, flip.after.code, flip.after.file))


def simulate(hindsight: Hindsight, messages: Iterable[Message], kind_of: Callable[[str], str]) -> Simulation:
    """Judge messages again; `kind_of` returns the kind of the message with an id, or nothing."""
    result = Simulation(hindsight.revision)
    kinds: dict[str, str] = {}
    for message in messages:
        kinds[message.id] = message.kind
        asked = message.in_reply_to
        known = recall(message, (kinds.get(asked) or kind_of(asked)) if asked else "")
        said = verdicts_of(message)
        again = hindsight.ask(said, known)
        before = strictest(said)
        if again is None or before is None:
            result.not_asked += 1
            continue
        result.judged += 1
        result.bundles[message.bundle] = result.bundles.get(message.bundle, 0) + 1
        result.uncertain += bool(again.unknown)
        for name in again.unknown:
            result.unknown[name] = result.unknown.get(name, 0) + 1
        if before.outcome is not again.outcome:
            _note(result, message, before, again)
    return result


def page(reader: Reader, since: float) -> Iterator[Message]:
    """Yield everything that was recorded since then; large bodies are read one by one."""
    after = 0
    while found := reader.messages(MessageFilter(since=since), after=after, limit=_PAGE):
        for message in found:
            after = message.number
            yield message if message.body or not message.size else _whole(reader, message)


def _whole(reader: Reader, message: Message) -> Message:
    same = (each for each in reader.messages_with_id(message.id) if each.number == message.number)
    return next(same, message)


def _note(result: Simulation, message: Message, before: Verdict, again: Again) -> None:
    after = again.deciding
    key = (before.outcome, before.code, again.outcome, after.layer, after.code, after.rule, after.file, after.line)
    flip = result.flips.setdefault(key, Flip(before, after))
    flip.count += 1
    flip.uncertain += bool(again.unknown)
    if len(flip.examples) < _EXAMPLES:
        flip.examples.append(message)
