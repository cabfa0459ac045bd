"""Answers that must satisfy the agent's output schema."""

from collections.abc import Mapping
from typing import Any

import msgspec
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types


def held_to(schema: Mapping[str, Any], name: str = "answer") -> dict[str, Any]:
    """Return the `response_format` that holds a model to a JSON Schema."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": dict(schema), "strict": True}}


def violation(text: str, schema: Mapping[str, Any]) -> str:
    """Return in one sentence how an answer breaks the schema; empty when it does not.

    The sentence names the place and the rule, never the content.
    """
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return "it is not JSON"
    error = next(
        iter(sorted(Draft202012Validator(schema).iter_errors(document), key=lambda each: each.json_path)), None
    )
    return f"{error.json_path} breaks the rule '{error.validator}'" if error is not None else ""
