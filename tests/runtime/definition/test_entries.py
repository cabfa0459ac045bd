from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from lictor.runtime.definition.entries import (
    CommandSpec,
    GgufSpec,
    McpToolSpec,
    ModelEntry,
    OpenAiSpec,
    PythonToolSpec,
    RagToolSpec,
    ScriptedSpec,
    ServerEntry,
    ToolEntry,
    UrlSpec,
)


@pytest.mark.parametrize(
    ("entry", "value", "kind"),
    [
        (ModelEntry, {"gguf": "x"}, GgufSpec),
        (ModelEntry, {"openai": "x", "model": "y"}, OpenAiSpec),
        (ModelEntry, {"scripted": "x"}, ScriptedSpec),
        (ModelEntry, "local/x", str),
        (ServerEntry, {"command": "x"}, CommandSpec),
        (ServerEntry, {"url": "x"}, UrlSpec),
        (ServerEntry, "uvx x", str),
        (ToolEntry, {"mcp": "x"}, McpToolSpec),
        (ToolEntry, {"python": "x"}, PythonToolSpec),
        (ToolEntry, {"rag": "x"}, RagToolSpec),
    ],
)
def test_a_key_tells_the_kind(entry: Any, value: object, kind: type) -> None:
    assert isinstance(TypeAdapter(entry).validate_python(value), kind)


@pytest.mark.parametrize(
    ("entry", "value"), [(ModelEntry, {"x": 1}), (ServerEntry, {}), (ToolEntry, "x"), (ToolEntry, 3)]
)
def test_without_it_there_is_no_kind(entry: Any, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(entry).validate_python(value)
    assert [error["type"] for error in caught.value.errors()] == ["L106"]


@pytest.mark.parametrize(("value", "layers"), [("auto", None), (0, 0), (33, 33), ("33", 33)])
def test_layers(value: object, layers: int | None) -> None:
    assert GgufSpec.model_validate({"gguf": "x", "gpu_layers": value}).gpu_layers == layers
