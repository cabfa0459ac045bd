"""Shows problems to people: the place, the line, carets under what is wrong, and what to do."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from lictor.runtime.definition.environment import mask_keys
from lictor.runtime.definition.problem import Problem, Span
from lictor.runtime.definition.reader import split_lines

_WIDEST: Final = 160
"""Characters of a source line that are shown around the carets."""
_COLORS: Final = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "mark": "\x1b[1;31m",
    "dim": "\x1b[34m",
    "bold": "\x1b[1m",
}
_HIDDEN_CODE: Final = "L501"


def render_problems(problems: Iterable[Problem], sources: Mapping[str, str], *, color: bool = False) -> str:
    """Return the problems as text, each followed by an empty line; credentials that were found are not shown again.

    `sources` maps file names to texts; a file that is not there is shown without its line.
    """
    items = list(problems)
    lines = _masked_lines(items, sources)
    return "".join(_render(item, lines, _Paint(color)) for item in items)


class _Paint:
    def __init__(self, on: bool) -> None:
        self._on = on

    def __call__(self, kind: str, text: str) -> str:
        return f"{_COLORS[kind]}{text}\x1b[0m" if self._on and text else text


def _masked_lines(problems: Iterable[Problem], sources: Mapping[str, str]) -> dict[str, list[str]]:
    lines = {
        name: [mask_keys(line) for line in split_lines(text.removeprefix("\ufeff"))] for name, text in sources.items()
    }
    for problem in problems:
        span = problem.span
        if problem.code == _HIDDEN_CODE and 0 < span.line <= len(lines.get(span.file, ())):
            line = lines[span.file][span.line - 1]
            end = span.column - 1 + span.width
            lines[span.file][span.line - 1] = line[: span.column - 1] + "•" * span.width + line[end:]
    return lines


def _render(problem: Problem, lines: Mapping[str, list[str]], paint: _Paint) -> str:
    severity = problem.severity.value
    head = f"{paint(severity, f'{severity}[{problem.code}]')}{paint('bold', ': ' + _printable(problem.message))}\n"
    places = [(problem.span, "^", problem.hint), *((span, "-", note) for span, note in problem.related)]
    shown = [place for place in places if _line_of(place[0], lines) is not None]
    width = max((len(str(span.line)) for span, _, _ in shown), default=1)
    text = head
    files = list(dict.fromkeys([problem.span.file, *(span.file for span, _, _ in places)]))
    for number, file in enumerate(files):
        here = sorted((place for place in places if place[0].file == file), key=lambda place: place[0])
        first = problem.span if number == 0 else here[0][0]
        position = f":{first.line}:{first.column}" if first.line else ""
        text += f"{' ' * width} {paint('dim', '-->')} {file}{position}\n"
        text += _excerpts(here, lines, width, paint)
    if problem.hint and problem.span not in [span for span, _, _ in shown]:
        text += f"{' ' * width} {paint('dim', '=')} {_printable(problem.hint)}\n"
    return text + "\n"


def _excerpts(places: list[tuple[Span, str, str]], lines: Mapping[str, list[str]], width: int, paint: _Paint) -> str:
    bar = paint("dim", f" {' ' * width} |")
    text = ""
    last = 0
    for span, sign, note in places:
        line = _line_of(span, lines)
        if line is None:
            continue
        text += f"{bar}\n" if not last else f"{paint('dim', '...')}\n" if span.line > last + 1 else ""
        shown, offset, carets = _cut(line, span)
        number = paint("dim", f" {span.line:>{width}} |")
        under = f"{sign * carets} {_printable(note)}".rstrip()
        if span.line != last:
            text += f"{number} {shown}".rstrip() + "\n"
        text += f"{bar} {' ' * offset}{paint('mark', under)}\n"
        last = span.line
    return text


def _line_of(span: Span, lines: Mapping[str, list[str]]) -> str | None:
    known = lines.get(span.file)
    return known[span.line - 1] if known is not None and 0 < span.line <= len(known) else None


def _cut(line: str, span: Span) -> tuple[str, int, int]:
    """Return the part of the line that is shown, the cells before the carets, and how many carets there are."""
    start = span.column - 1
    from_ = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
    before = ("…" if from_ else "") + line[from_:start]
    marked = line[start : min(start + span.width, from_ + _WIDEST)]
    after = line[start + len(marked) : from_ + _WIDEST]
    tail = "…" if len(line) > from_ + _WIDEST else ""
    shown = _printable(before + marked + after) + tail
    return shown, _cells(_printable(before)), max(1, _cells(_printable(marked)))


def _printable(text: str) -> str:
    """Replace what would move the cursor, hide or turn text round."""
    return "".join(character if character.isprintable() else " " if character == "\t" else "·" for character in text)


def _cells(text: str) -> int:
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
