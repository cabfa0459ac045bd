"""Joining marks, and marks as the record keeps them."""

from typing import Final

import msgspec

from lictor.guardrails.labels import MANY, Labels, Level, Mark, UnknownLabel, parse_labels
from lictor.protocols.record import MarkEntry

_PLACE: Final = "principal "
_LONGEST_CAUSE: Final = 300


def unknown(why: str) -> Mark:
    """Return the mark of data of which nothing is known: it is above every other, so that nothing becomes lower."""
    labels = Labels(Level.SECRET, untrusted=True, tags=frozenset({MANY}), sources=frozenset({MANY}))
    return Mark(labels, tuple((word, why) for word in labels.words()))


def join_marks(one: Mark, other: Mark) -> Mark:
    """Return the least mark above both; what `one` says of a word's cause holds."""
    if one is other:
        return one
    labels = one.labels.join(other.labels)
    if labels is one.labels or labels == one.labels:
        return one
    words = labels.words()
    known = dict(other.causes) | dict(one.causes)
    return Mark(labels, tuple((word, known[word]) for word in words if word in known))


def add_labels(mark: Mark, labels: Labels, cause: str) -> Mark:
    """Return the mark with labels joined; new words have the cause."""
    joined = mark.labels.join(labels)
    if joined is mark.labels or joined == mark.labels:
        return mark
    known = dict.fromkeys(labels.words(), cause) | dict(mark.causes)
    return Mark(joined, tuple((word, known[word]) for word in joined.words() if word in known))


def settle_causes(mark: Mark, message: str) -> Mark:
    """Return the mark as its receiver keeps it: words that begin with this message have the message for their cause."""
    if not any(cause.startswith(_PLACE) for _, cause in mark.causes):
        return mark
    return Mark(
        mark.labels,
        tuple((word, message if cause.startswith(_PLACE) else cause) for word, cause in mark.causes),
    )


def place_cause(principal: str, place: str) -> str:
    """Return the cause of a label that begins with a principal: `principal tool-crm lictor.yaml:66`."""
    return f"{_PLACE}{principal} {place}".rstrip()[:_LONGEST_CAUSE]


def write_mark(owner: str, mark: Mark) -> MarkEntry:
    """Return a mark as the record keeps it."""
    causes = msgspec.json.encode(dict(mark.causes)).decode() if mark.causes else ""
    return MarkEntry(owner, mark.labels.text(), causes, ",".join(sorted(mark.labels.sources)))


def read_mark(entry: MarkEntry) -> Mark:
    """Return the mark of an entry; one that cannot be read is above every other."""
    words = [word for word in entry.labels.split(",") if word]
    sources = frozenset(source for source in entry.sources.split(",") if source)
    try:
        labels = parse_labels((word for word in words if word != MANY), sources)
        causes = msgspec.json.decode(entry.causes or "{}", type=dict[str, str])
    except (UnknownLabel, msgspec.MsgspecError):
        return unknown("the record's mark cannot be read")
    if MANY in words:
        labels = labels.join(Labels(tags=frozenset({MANY})))
    return Mark(labels, tuple(causes.items()))
