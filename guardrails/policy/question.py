"""The question that the policy is asked: one table of fields, from which the document and the cache's key derive."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec

from lictor.guardrails.action import calls_tool, read_arguments
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.labels import Labels
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.fields import WHOLE, Path
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

_OF_ENVELOPE: Final = "envelope."
_OF_CALLS: Final = frozenset({"read_only", "request_kind", "arguments"})
"""Fields that say something of tool calls and of answers alone."""
_A2A: Final = Kind.A2A
_MODEL: Final = Kind.MODEL
_DAY: Final = 1440
_MONDAY: Final = 4
"""1 January 1970 was a Thursday: four days on is a Monday."""
_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode


class Field(NamedTuple):
    """One field of the input."""

    name: str
    read: Callable[[Envelope, Circumstances], Any]
    """Returns a hashable value that tells one answer from another."""
    show: Callable[[Any], Any]
    """Turns that value to what stands in the document."""
    attribute: str = ""
    """Where the value stands in the circumstances, with dots, or `envelope.…` in the message; empty: worked out."""


class Question:
    """Knows where each field comes from. `catalog` tells which tools only read, `ledger` what a task has used."""

    def __init__(self, catalog: ToolCatalog, ledger: TaskLedger) -> None:
        self._catalog = catalog
        self._ledger = ledger

    def fields(self, paths: Iterable[Path]) -> tuple[Field, ...]:
        """Return the fields that a bundle reads, in the order of the table.

        Of the arguments only what is read counts. Fields that belong to a stage are not among them.
        """
        paths = tuple(paths)
        tops = {path[0] for path in paths if path}
        every = WHOLE in paths
        table = self._table()
        found = [table[name] for name in table if every or name in tops]
        if every or "arguments" in tops:
            wanted = [path[1:] for path in paths if path[:1] == ("arguments",)]
            found.append(_arguments(() if every or () in wanted else tuple(sorted(wanted))))
        return tuple(found)

    def _table(self) -> dict[str, Field]:
        plain = [
            _attribute("sender", "envelope.sender"),
            _attribute("target", "envelope.target"),
            _attribute("kind", "envelope.kind._value_"),
            Field("request_kind", _request_kind, _as_it_is),
            _attribute("method", "action.method"),
            _attribute("tool", "action.tool"),
            _attribute("model", "action.model"),
            Field("read_only", self._reads_only, _as_it_is),
            Field("size", _size, _as_it_is),
            _attribute("conduct", "conduct"),
            _attribute("labels", "mark.labels", _show_labels),
            Field("now", _minute, _show_minute),
            Field("usage", self._usage, _show_usage),
        ]
        return {field.name: field for field in plain}

    def _reads_only(self, envelope: Envelope, about: Circumstances) -> bool:
        return calls_tool(envelope.kind, about.action) and self._catalog.reads_only(envelope.target, about.action.tool)

    def _usage(self, envelope: Envelope, _about: Circumstances) -> tuple[int, int, int]:
        usage = self._ledger.usage(envelope.task, envelope.sender)
        return usage.messages, usage.tool_calls, usage.tokens


def _attribute(name: str, attribute: str, show: Callable[[Any], Any] | None = None) -> Field:
    """Return a field that is only looked up: the cache's key then takes it together with others of its kind."""
    of_envelope = attribute.removeprefix(_OF_ENVELOPE)
    get = attrgetter(of_envelope)
    if of_envelope != attribute:
        return Field(name, lambda envelope, _: get(envelope), show or _as_it_is, attribute)
    return Field(name, lambda _, about: get(about), show or _as_it_is, attribute)


def key_of(fields: Sequence[Field]) -> Callable[[Envelope, Circumstances], tuple[Any, ...]]:
    """Return the function that gives the values of all fields that tell one question from another."""
    attributes = [field.attribute for field in fields if field.attribute]
    of_envelope = _getter([path.removeprefix(_OF_ENVELOPE) for path in attributes if path.startswith(_OF_ENVELOPE)])
    of_about = _getter([path for path in attributes if not path.startswith(_OF_ENVELOPE)])
    others = [field for field in fields if not field.attribute]
    if not others:
        return lambda envelope, about: (of_envelope(envelope), of_about(about))
    reads = [field.read for field in others]
    if any(field.name not in _OF_CALLS for field in others):
        return lambda envelope, about: (
            of_envelope(envelope),
            of_about(about),
            *[read(envelope, about) for read in reads],
        )

    def key(envelope: Envelope, about: Circumstances) -> tuple[Any, ...]:
        if envelope.kind is _A2A or envelope.kind is _MODEL:  # neither a call nor an answer: these fields are empty
            return of_envelope(envelope), of_about(about)
        return of_envelope(envelope), of_about(about), *[read(envelope, about) for read in reads]

    return key


def _getter(paths: Sequence[str]) -> Callable[[Any], Any]:
    return attrgetter(*paths) if paths else lambda _: ()


def _request_kind(_envelope: Envelope, about: Circumstances) -> str:
    return about.request.kind._value_ if about.request is not None else ""


def _size(envelope: Envelope, _about: Circumstances) -> int:
    return len(envelope.body)


def _as_it_is(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    return value


def _show_labels(labels: Labels) -> dict[str, Any]:
    return {
        "level": labels.level.word,
        "untrusted": labels.untrusted,
        "tags": sorted(labels.tags),
        "sources": sorted(labels.sources),
    }


def _minute(_envelope: Envelope, about: Circumstances) -> int:
    return int(about.now // 60)


def _show_minute(minutes: int) -> dict[str, int]:
    return {"minute": minutes % _DAY, "weekday": (minutes // _DAY - _MONDAY) % 7}


def _show_usage(usage: tuple[int, int, int]) -> dict[str, int]:
    return dict(zip(("messages", "tool_calls", "tokens"), usage, strict=True))


def _arguments(paths: tuple[Path, ...]) -> Field:
    """Return the field of a tool call's arguments, of which only what lies at `paths` counts; () is all of them."""

    def read(envelope: Envelope, about: Circumstances) -> bytes | None:
        if not calls_tool(envelope.kind, about.action):
            return None
        arguments = read_arguments(about.action)
        return _encode(_pick(arguments, paths) if paths and isinstance(arguments, Mapping) else arguments)

    def show(value: bytes | None) -> Any:  # noqa: ANN401 -- any JSON value
        return {} if value is None else msgspec.msgpack.decode(value)

    return Field("arguments", read, show)


def _pick(value: Mapping[str, Any], paths: tuple[Path, ...]) -> dict[str, Any]:
    picked: dict[str, Any] = {}
    for top in {path[0] for path in paths}:
        if top not in value:
            continue
        below = tuple(path[1:] for path in paths if path[0] == top)
        whole = () in below or not isinstance(value[top], Mapping)
        picked[top] = value[top] if whole else _pick(value[top], below)
    return picked
