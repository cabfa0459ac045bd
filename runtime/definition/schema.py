"""The JSON Schema of a team's file, for editors; messages to people come from the linter."""

import json
import re
from typing import Any, Final

from lictor.runtime.definition.guards import guards_schema
from lictor.runtime.definition.spec import FileSpec

_NAMES: Final = {"propertyNames": {"pattern": "^[a-z][a-z0-9-]{0,62}$"}}
_ONE_OF: Final = [{"required": [key]} for key in ("prompt", "prompt_file", "graph")]
_GUARDED: Final = ("AgentSpec", "DefaultsSpec")
MODELINE: Final = "# yaml-language-server: $schema="
_MODELINE: Final = re.compile(r"^#\s*yaml-language-server:\s*\$schema=.*$", re.MULTILINE)


def make_schema() -> dict[str, Any]:
    """Return the schema as plain data."""
    schema = FileSpec.model_json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A team of Lictor"}
    for section in ("agents", "models", "mcp"):
        schema["properties"][section].update(_NAMES)
    schema["$defs"]["AgentSpec"]["oneOf"] = _ONE_OF
    schema["$defs"] |= {"Guards": guards_schema(), "TeamGuards": guards_schema(team=True)}
    for owner, guards in ((schema, "TeamGuards"), *((schema["$defs"][name], "Guards") for name in _GUARDED)):
        field = owner["properties"]["guards"]
        owner["properties"]["guards"] = {"$ref": f"#/$defs/{guards}", "description": field["description"]}
    tidy: dict[str, Any] = _tidy(schema)
    return tidy


def render_schema() -> str:
    """Return the schema as text, the same for the same format."""
    return json.dumps(make_schema(), indent=2, ensure_ascii=False) + "\n"


def with_modeline(text: str, schema: str) -> str:
    """Return a YAML file's text with the modeline that names its schema; one that is there is replaced."""
    line = f"{MODELINE}{schema}"
    if _MODELINE.search(text):
        return _MODELINE.sub(lambda _: line, text, count=1)
    return f"{line}\n{text}"


def _tidy(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """Drop titles that only repeat the key, and `null` alternatives: an absent key is how nothing is said."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {
        key: {name: _tidy(item) for name, item in entry.items()} if key in ("properties", "$defs") else _tidy(entry)
        for key, entry in value.items()
        if not (key == "title" and isinstance(entry, str) and entry != "A team of Lictor")
        and not (key == "default" and entry is None)
    }
    options = result.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        kept = [option for option in options if option != {"type": "null"}]
        del result["anyOf"]
        result = {**kept[0], **result} if len(kept) == 1 else {**result, "anyOf": kept}
    return result
