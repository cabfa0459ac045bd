"""Holds a document against the spec: every error at once, and what is right is kept and checked further."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lictor.protocols.names import Role, is_name, role_of
from lictor.runtime.definition import entries, spec
from lictor.runtime.definition.entries import MODEL_KINDS, SERVER_KINDS, TAGS, TOOL_KINDS
from lictor.runtime.definition.problem import Problem, guess
from lictor.runtime.definition.reader import Document, Path, show_path
from lictor.runtime.definition.spec import FileSpec
from lictor.runtime.definition.values import kind_of

_ROUNDS: Final = 40
"""Each round removes at least one layer of errors; a file with more layers of them than this is given up."""
_RESERVED: Final = frozenset({"enforcer", "recorder", "supervisor", "default", "lictor"})
_SHAPES: Final = {
    "model_type": "a map is expected here (`key: value`)",
    "dict_type": "a map is expected here (`key: value`)",
    "list_type": "a list is expected here, e.g. [a, b]",
}


def check_shape(document: Document) -> tuple[FileSpec, list[Problem]]:
    """Return what of the document is well formed, and a problem for each thing that is not."""
    data = document.data
    if data is None:
        return FileSpec(), []
    if not isinstance(data, dict):
        message = f"a file of a team is a map (`agents:` …), not {kind_of(data)}"
        return FileSpec(), [Problem("L104", message, document.span(()))]
    problems = _check_names(document, data)
    for _ in range(_ROUNDS):
        try:
            return FileSpec.model_validate(data), problems
        except ValidationError as error:
            findings = [
                _judge(document, data, details) for details in error.errors(include_url=False, include_context=False)
            ]
        problems.extend(finding.problem for finding in findings)
        changed = [_change(document, data, finding) for finding in findings]
        if not any(changed):
            break
    return FileSpec(), problems


def _check_names(document: Document, data: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    for section in ("agents", "models", "mcp"):
        entries = data.get(section)
        for name in entries if isinstance(entries, dict) else ():
            span = document.span((section, name), key=True)
            if not is_name(name):
                message = f"'{name}' cannot be a name in {section}"
                hint = "a name is a-z, 0-9 and -, begins with a letter, and has at most 63 characters"
                problems.append(Problem("L107", message, span, hint))
            elif name in _RESERVED or (section == "agents" and role_of(name) is not Role.AGENT):
                problems.append(
                    Problem("L107", f"the name '{name}' is kept for Lictor's own parts", span, "choose another")
                )
    return problems


@dataclass(frozen=True, slots=True)
class _Finding:
    """One error, and what to take out of the data so that it does not come again."""

    problem: Problem
    path: Path
    meant: str = ""
    """The key that a misspelt one is taken for."""


def _judge(document: Document, data: Any, details: ErrorDetails) -> _Finding:  # noqa: ANN401 -- YAML is any data
    path = _real_path(data, details["loc"])
    kind, message = details["type"], details["msg"]
    parent = _walk(data, path[:-1])
    if kind == "missing" and path:
        problem = Problem(
            "L102", f"'{path[-1]}' is missing in {show_path(path[:-1])}", document.span(path[:-1], key=True)
        )
        return _Finding(problem, path[:-1])
    if kind == "extra_forbidden" and path and isinstance(parent, dict):
        return _unknown_key(document, parent, path)
    value = _walk(data, path)
    hint = ""
    if kind in _SHAPES:
        message = (
            f"{_SHAPES[kind]}, and there is nothing" if value is None else f"{_SHAPES[kind]}, not {kind_of(value)}"
        )
    elif kind in ("L105", "L106"):
        hint = _choices(message, value)
    code = kind if kind.startswith("L") else "L104"
    problem = Problem(code, message, document.span(path, key=value is None), hint)
    model = model_at(path[:-1], parent) if isinstance(parent, dict) else None
    field = model.model_fields.get(str(path[-1])) if model else None
    return _Finding(problem, path[:-1] if field is not None and field.is_required() else path)


def _real_path(data: Any, location: Path) -> Path:  # noqa: ANN401 -- YAML is any data
    """Return pydantic's location without the names of union members, which are no keys of the data."""
    path: Path = ()
    for step in location:
        if step not in TAGS or (isinstance(inner := _walk(data, path), dict) and step in inner):
            path = (*path, step)
    return path


def _walk(data: Any, path: Path) -> Any:  # noqa: ANN401 -- YAML is any data
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _unknown_key(document: Document, parent: dict[str, Any], path: Path) -> _Finding:
    key = str(path[-1])
    inside = f" in {show_path(path[:-1])}" if path[:-1] else ""
    span = document.span(path, key=True)
    for kinds in (TOOL_KINDS, MODEL_KINDS, SERVER_KINDS):
        other = next((kind for kind in kinds if kind in parent and kind != key), "")
        if key in kinds and other:
            message = f"'{key}' and '{other}' cannot stand together{inside}: one entry is of one kind"
            return _Finding(Problem("L106", message, span), path)
    model = model_at(path[:-1], parent)
    known = tuple(model.model_fields) if model else ()
    hint = guess(key, known)
    meant = hint.removeprefix("did you mean '").removesuffix("'?") if hint else ""
    hint = hint or (f"known here: {', '.join(known)}" if len(known) <= 12 else "")
    return _Finding(Problem("L101", f"unknown key '{key}'{inside}", span, hint), path, "" if meant in parent else meant)


def _choices(message: str, value: object) -> str:
    """Return a guess at the word, or the kind, that was meant."""
    if isinstance(value, str):
        return guess(value, message.rpartition(" is not one of ")[2].split(", "))
    if isinstance(value, dict):
        kinds = message.removeprefix("one of the keys ").partition(" must")[0].split(", ")
        return next((found for key in value if (found := guess(str(key), kinds))), "")
    return ""


def _change(document: Document, data: Any, finding: _Finding) -> bool:  # noqa: ANN401 -- YAML is any data
    """Take a wrong value out, or give it the key that was meant: so that one slip is one error.

    Returns whether there was something to change. In a list the whole owner goes, so that the places of its
    neighbours stay right.
    """
    path = finding.path
    while path and isinstance(path[-1], int):
        path = path[:-1]
    parent = _walk(data, path[:-1])
    if not path or not isinstance(parent, dict) or path[-1] not in parent:
        return False
    value = parent.pop(path[-1])
    if finding.meant and finding.meant not in parent:
        parent[finding.meant] = value
        document.rename(path, finding.meant)
    return True


def model_at(path: Path, value: Mapping[str, Any]) -> type[BaseModel] | None:  # noqa: PLR0911, PLR0912 -- a table
    """Return the model of the map at a place of the format; `value` tells the kind where there are several."""
    match path:
        case ():
            return spec.FileSpec
        case ("runtime",):
            return spec.RuntimeSpec
        case ("defaults",):
            return spec.DefaultsSpec
        case ("runtime", "policy"):
            return spec.PolicySpec
        case ("approvals",):
            return spec.ApprovalsSpec
        case ("approvals", "tools", _):
            return spec.ApproverSpec
        case ("models", _):
            return _by_kind(value, gguf=entries.GgufSpec, openai=entries.OpenAiSpec, scripted=entries.ScriptedSpec)
        case ("mcp", _):
            return _by_kind(value, command=entries.CommandSpec, url=entries.UrlSpec)
        case ("agents", _):
            return spec.AgentSpec
        case ("agents", _, "tools", _):
            return _by_kind(value, mcp=entries.McpToolSpec, python=entries.PythonToolSpec, rag=entries.RagToolSpec)
        case ("agents", _, "tools", _, "permit"):
            return entries.PermitSpec
        case ("agents", _, "tools", _, "hours") | ("agents", _, "hours") | ("defaults", "hours"):
            return entries.HoursSpec
        case ("defaults", key) | ("agents", _, key):
            nested: dict[str, type[BaseModel]] = {
                "budget": spec.BudgetSpec,
                "supervise": spec.SuperviseSpec,
                "isolate": spec.IsolateSpec,
            }
            return nested.get(str(key))
    return None


def _by_kind(value: Mapping[str, Any], **kinds: type[BaseModel]) -> type[BaseModel] | None:
    return next((model for kind, model in kinds.items() if kind in value), None)
