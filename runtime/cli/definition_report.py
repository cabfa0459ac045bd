"""Problems of a definition for programs: JSON items, SARIF 2.1.0, annotations of GitHub Actions."""

from collections.abc import Iterable, Iterator
from typing import Any

from lictor import __version__
from lictor.runtime.definition.errors import read_pages
from lictor.runtime.definition.load import Loaded
from lictor.runtime.definition.problem import Problem


def problem_items(loaded: Loaded, *, strict: bool) -> list[dict[str, Any]]:
    """Return the problems as the items of a list."""
    return [_item(problem, strict=strict) for problem in loaded.problems]


def _severity(problem: Problem, *, strict: bool) -> str:
    return "error" if strict or problem.is_error else "warning"


def _item(problem: Problem, *, strict: bool) -> dict[str, Any]:
    span = problem.span
    return {
        "code": problem.code,
        "severity": _severity(problem, strict=strict),
        "message": problem.message,
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_column": span.column + span.width,
        "hint": problem.hint,
        "related": [
            {"file": place.file, "line": place.line, "column": place.column, "note": note}
            for place, note in problem.related
        ],
        "docs": f"lictor errors lookup {problem.code}",
    }


def sarif(reports: Iterable[Loaded], *, strict: bool) -> dict[str, Any]:
    """Return one SARIF log of all reports."""
    problems = [problem for loaded in reports for problem in loaded.problems]
    pages = read_pages()
    rules = [
        {"id": code, "shortDescription": {"text": pages[code].title}, "fullDescription": {"text": pages[code].meaning}}
        for code in sorted({problem.code for problem in problems})
    ]
    driver = {"name": "lictor", "version": __version__, "rules": rules}
    results = [_result(problem, strict=strict) for problem in problems]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _result(problem: Problem, *, strict: bool) -> dict[str, Any]:
    span = problem.span
    region = {"startLine": span.line, "startColumn": span.column, "endColumn": span.column + span.width}
    place: dict[str, Any] = {"artifactLocation": {"uri": span.file}}
    hint = f" ({problem.hint})" if problem.hint else ""
    return {
        "ruleId": problem.code,
        "level": _severity(problem, strict=strict),
        "message": {"text": problem.message + hint},
        "locations": [{"physicalLocation": {**place, "region": region} if span.line else place}],
    }


def github_lines(loaded: Loaded, *, strict: bool) -> Iterator[str]:
    """Yield the problems as workflow commands."""
    for problem in loaded.problems:
        span = problem.span
        hint = f" ({problem.hint})" if problem.hint else ""
        where = f"file={_property(span.file)},line={max(span.line, 1)},col={span.column}"
        kind = _severity(problem, strict=strict)
        yield f"::{kind} {where},title={problem.code}::{_escape(problem.message + hint)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
