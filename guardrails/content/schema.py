"""Schema: an agent's reply must be what its `output:` demands."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from lictor.guardrails.content.finding import Finding

_LONGEST: Final = 262_144


class ReplySchemas:
    """Holds the schema of every agent that has one."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Any]]) -> None:
        self._validators = {name: Draft202012Validator(schema) for name, schema in schemas.items()}

    def __contains__(self, agent: str) -> bool:
        return agent in self._validators

    def check(self, agent: str, text: str) -> list[Finding]:
        """Return a finding when the text of an agent's answer breaks its schema.

        The detail names the place and the rule, never the content.
        """
        validator = self._validators.get(agent)
        if validator is None:
            return []
        wrong = _violation(validator, text)
        return [Finding("schema", detail=wrong)] if wrong else []


def _violation(validator: Any, text: str) -> str:  # noqa: ANN401 -- the library has no types
    if len(text) > _LONGEST:
        return f"it has more than {_LONGEST} characters"
    try:
        document = msgspec.json.decode(text)
        error = next(iter(validator.iter_errors(document)), None)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return "it is not JSON"
    if error is None:
        return ""
    keys = [str(each) for each in error.absolute_path if isinstance(each, str)]
    named = all(key in _words(validator.schema) for key in keys)
    return f"{error.json_path if named else 'a part of it'} breaks the rule '{error.validator}'"


def _words(schema: object) -> frozenset[str]:
    """Return the names that a schema itself says: only those may be repeated, others came with the answer."""
    if isinstance(schema, dict):
        return frozenset(map(str, schema)).union(*map(_words, schema.values()))
    return frozenset().union(*map(_words, schema)) if isinstance(schema, list) else frozenset()
