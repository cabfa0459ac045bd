"""Field types of the definition: each turns what YAML gave into a value, or raises with our code and a sentence."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from lictor.runtime.definition.hours import PATTERN as HOURS
from lictor.runtime.definition.hours import ZONE, parse_windows, parse_zone
from lictor.runtime.definition.plan import Secret
from lictor.runtime.definition.units import (
    BACKOFF,
    DURATION,
    QUANTITY,
    RATE,
    SHARE,
    parse_backoff,
    parse_duration,
    parse_quantity,
    parse_rate,
    parse_share,
)

_MISPLACED: Final = "a secret may stand in headers, env, api_key and store only: here it would be shown"


def fail(code: str, sentence: str) -> PydanticCustomError:
    """Return an error that carries our code through pydantic; `sentence` is shown as it is."""
    return PydanticCustomError(code, "{sentence}", {"sentence": sentence})


def kind_of(value: object) -> str:  # noqa: PLR0911 -- a table
    """Return what a YAML value is, in words."""
    match value:
        case None:
            return "empty"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case Secret():
            return "a secret"
        case _:
            return "a map"


def _unit(parse: Callable[[object], Any]) -> BeforeValidator:
    def check(value: object) -> Any:  # noqa: ANN401 -- what the parser gives
        if isinstance(value, Secret):
            raise fail("L503", _MISPLACED)
        try:
            return parse(value)
        except ValueError as error:
            raise fail("L103", str(error)) from None

    return BeforeValidator(check)


def _text(value: object) -> str:
    if isinstance(value, Secret):
        raise fail("L503", _MISPLACED)
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, str):
        raise fail("L104", "text is expected here, and it is empty")
    hint = ": put it in quotes" if isinstance(value, (bool, int, float)) else ""
    raise fail(
        "L104", f"text is expected here, not {kind_of(value)}{hint}" if value is not None else "a value is missing here"
    )


def _shown(value: object) -> str | Secret:
    if isinstance(value, (str, Secret)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise fail(
        "L104", f"text is expected here, not {kind_of(value)}" if value is not None else "a value is missing here"
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 -- any data
    """Refuse secrets anywhere inside."""
    if isinstance(value, Secret):
        raise fail("L503", _MISPLACED)
    if isinstance(value, dict):
        for item in value.values():
            _plain(item)
    if isinstance(value, list):
        for item in value:
            _plain(item)
    return value


def one_of(*words: str) -> BeforeValidator:
    """Return a validator for a closed set of words; the sentence lists them."""

    def check(value: object) -> str:
        if isinstance(value, str) and value in words:
            return value
        shown = f"'{value}'" if isinstance(value, str) else kind_of(value)
        sentence = (
            f"{shown} is not one of {', '.join(words)}"
            if len(words) > 1
            else f"only '{words[0]}' works here, not {shown}"
        )
        raise fail("L105", sentence)

    return BeforeValidator(check)


def _word(value: object) -> str:
    if isinstance(value, Secret):
        raise fail("L503", _MISPLACED)
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    shown = f"'{value}'" if isinstance(value, str) else kind_of(value)
    raise fail("L119", f"a label is a-z, 0-9 and -, begins with a letter, and has at most 63 characters, not {shown}")


def _hours(value: object) -> str:
    if not isinstance(value, str):
        raise fail("L104", f"text is expected here, not {kind_of(value)}")
    try:
        parse_windows([value])
    except ValueError as error:
        raise fail("L103", str(error)) from None
    return value


def _zone(value: object) -> str:
    try:
        parse_zone(value if isinstance(value, str) else "")
    except ValueError as error:
        raise fail("L103", str(error)) from None
    return str(value)


_WORD: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_OR_VARIABLE: Final = r"|\$\{"
"""Editors see the file before variables are filled in."""
_NUMBER_OR: Final = [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": QUANTITY + _OR_VARIABLE}]

Text = Annotated[str, BeforeValidator(_text)]
"""Text that is shown: never a secret."""
SecretText = Annotated[str | Secret, PlainValidator(_shown), WithJsonSchema({"type": ["string", "number", "boolean"]})]
"""Text that may be a secret."""
Anything = Annotated[dict[str, Any], BeforeValidator(_plain)]
"""A map of the writer's own, without secrets."""
Duration = Annotated[
    float, _unit(parse_duration), WithJsonSchema({"type": "string", "pattern": DURATION + _OR_VARIABLE})
]
Quantity = Annotated[int, _unit(parse_quantity), WithJsonSchema({"anyOf": _NUMBER_OR})]
Rate = Annotated[
    tuple[int, float], _unit(parse_rate), WithJsonSchema({"type": "string", "pattern": RATE + _OR_VARIABLE})
]
Backoff = Annotated[
    tuple[float, float], _unit(parse_backoff), WithJsonSchema({"type": "string", "pattern": BACKOFF + _OR_VARIABLE})
]
Share = Annotated[
    float,
    _unit(parse_share),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": SHARE + _OR_VARIABLE},
            ]
        }
    ),
]
Word = Annotated[str, BeforeValidator(_word), WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9-]{0,62}$"})]
"""A label: `public`, `internal`, `secret`, `untrusted`, `trusted`, or a word of the writer's own."""
Level = Annotated[Literal["public", "internal", "secret"], one_of("public", "internal", "secret")]
HoursText = Annotated[str, BeforeValidator(_hours), WithJsonSchema({"type": "string", "pattern": HOURS})]
ZoneText = Annotated[str, BeforeValidator(_zone), WithJsonSchema({"type": "string", "pattern": ZONE})]
