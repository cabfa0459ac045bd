"""Whether the user's Rego compiles and answers together with the built-in rules."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lictor.runtime.definition.problem import Problem, Span

_AT: Final = re.compile(r"--> (?P<file>.+?):(?P<line>\d+):(?P<column>\d+)")
_LINE: Final = re.compile(r"^(?P<file>.+?):(?P<line>\d+): (?P<text>.*)$", re.DOTALL)
_SAID: Final = re.compile(r"error: (?P<text>.*?)(?: Stack backtrace:|$)")


def check_rego(
    files: Mapping[Path, Span], names: Mapping[Path, str], team: Mapping[str, Any]
) -> tuple[list[Problem], dict[str, str]]:
    """Return the problems, and the texts of the Rego files that they show.

    `files` tells for each file where the YAML names it, `names` how it is shown.
    """
    # the engine is loaded only for teams that have rules of their own
    from lictor.guardrails.policy.bundle import load_bundle  # noqa: PLC0415
    from lictor.guardrails.policy.embedded_rego import EmbeddedRego  # noqa: PLC0415
    from lictor.guardrails.policy.engine import PolicyError  # noqa: PLC0415

    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for path, asked_at in files.items():
        try:
            texts[names[path]] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem("L401", f"'{names[path]}' cannot be read: {error}", asked_at))
            continue
        try:
            EmbeddedRego(load_bundle(team, [path]))
        except PolicyError as error:
            problems.append(_explain(str(error), path, names[path], asked_at))
    if not problems and len(files) > 1:
        try:
            EmbeddedRego(load_bundle(team, files))
        except PolicyError as error:
            path = next((path for path in files if str(path) in str(error)), next(iter(files)))
            problems.append(_explain(str(error), path, names[path], files[path]))
    return problems, texts


def _explain(text: str, path: Path, name: str, asked_at: Span) -> Problem:
    banned = _LINE.match(text)
    if banned and banned["file"] == str(path):
        return Problem("L402", banned["text"], Span(name, int(banned["line"])))
    at, said = _AT.search(text), _SAID.search(text)
    message = said["text"].strip() if said else text.removeprefix(f"{path}: ").partition(" Stack backtrace")[0]
    if at and at["file"] == str(path):
        return Problem("L401", f"Rego: {message}", Span(name, int(at["line"]), int(at["column"])))
    return Problem("L401", f"'{name}' does not work with the built-in rules: {message}", asked_at)
