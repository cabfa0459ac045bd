"""Reading what a bundle said: any engine's JSON to a `Decision`, or PolicyError when it is none."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from lictor.guardrails.policy.engine import Decision, Denial, PolicyError

Places = Mapping[str, tuple[str, int]]
"""File and line of the user's rules, by the rule's name: what such a rule says need not name them."""


class _DenialShape(msgspec.Struct, frozen=True):
    code: str
    reason: str
    rule: str
    file: str = ""
    line: int = 0
    outcome: str = "deny"


class _ObligationShape(msgspec.Struct, frozen=True):
    do: str
    classes: list[str] = []
    labels: list[str] = []
    model: str = ""
    level: str = ""
    code: str = ""


class _DecisionShape(msgspec.Struct, frozen=True):
    allow: bool
    denials: list[_DenialShape]
    asks: list[_DenialShape]
    obligations: list[Any]


_decoder: Final = msgspec.json.Decoder(_DecisionShape)


def read_decision(raw: str | bytes | None, places: Places) -> Decision:
    """Return the decision in an engine's answer, in an order that does not depend on the engine.

    Raises PolicyError when there is none, or when it obliges to something that is not known: that cannot be done.
    """
    try:
        shape = _decoder.decode(raw or b"")
        obligations = tuple(sorted({word for each in shape.obligations for word in _words(each)}))
    except (msgspec.MsgspecError, TypeError) as error:
        raise PolicyError(f"the bundle gave no decision: {error}") from None
    denials = _ordered(shape.denials, places)
    return Decision(shape.allow and not denials, denials, _ordered(shape.asks, places), obligations)


def _ordered(shapes: list[_DenialShape], places: Places) -> tuple[Denial, ...]:
    found = [_denial(shape, places) for shape in shapes]
    return tuple(sorted(found, key=lambda each: (each.code, each.file, each.line, each.reason)))


def _denial(shape: _DenialShape, places: Places) -> Denial:
    file, line = (shape.file, shape.line) if shape.file else places.get(shape.rule, ("", 0))
    return Denial(shape.code, shape.reason, shape.rule, file, line, shape.outcome)


def _words(said: Any) -> Iterator[str]:  # noqa: ANN401 -- any JSON value
    shape = msgspec.convert(said, _ObligationShape)
    match shape.do:
        case "redact" if shape.classes:
            yield from (f"redact:{each}" for each in shape.classes)
        case "label" if shape.labels:
            yield from (f"label:{each}" for each in shape.labels)
        case "model" if shape.model:
            yield f"model:{shape.model}"
        case "audit" if shape.level == "full":
            yield "audit:full"
        case "warn" if shape.code:
            yield f"warn:{shape.code}"
        case _:
            raise PolicyError(f"a rule obliges to {said!r}: that is not known")
