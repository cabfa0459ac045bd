"""Reads YAML to plain data, and remembers where each key and value stood.

The subset is YAML 1.2's JSON-like core: `true`, `false`, `null`, integers and decimals are what they look like; all
else (`yes`, `0777`, `12:30`, dates) is text. Anchors are allowed within a limit; tags and merge keys are not.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from lictor.runtime.definition.problem import Problem, Span

Path = tuple[str | int, ...]

MOST_CHARACTERS: Final = 1_000_000
MOST_NODES: Final = 100_000
"""After anchors are expanded."""
MOST_DEPTH: Final = 32

_BREAK: Final = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_TAGGED: Final = re.compile(r"(&[^\s,\[\]{}]+\s+)?!")
_INT: Final = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
_FLOAT: Final = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,18})?([eE][-+]?\d{1,2})?", re.ASCII)
_WORDS: Final[dict[str, Any]] = {"": None, "null": None, "~": None, "true": True, "false": False}


def split_lines(text: str) -> list[str]:
    """Return the lines as YAML counts them."""
    return _BREAK.split(text)


@dataclass(slots=True)
class Marks:
    """Where one value stood, and its key if it has one."""

    value: Span
    key: Span | None = None
    scalar: bool = True
    last: int = 0
    """Last line of the value."""


@dataclass(slots=True)
class Document:
    """One file as data and places; `data` is what could be read, however much was wrong."""

    file: str
    text: str
    data: Any = None
    marks: dict[Path, Marks] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Return where the value at `path` stood; its key when `key`, or when it spans lines; else the place above."""
        marks = self.marks.get(path)
        while marks is None and path:
            path = path[:-1]
            marks, key = self.marks.get(path), True
        if marks is None:
            return Span(self.file, 1)
        return marks.key if marks.key is not None and (key or not marks.scalar) else marks.value

    def line(self, number: int) -> str:
        """Return the text of a line; empty when there is none."""
        if not self.lines:
            self.lines = split_lines(self.text)
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def last_line(self, path: Path) -> int:
        """Return the last line of the value at `path`; 0 when there is none."""
        marks = self.marks.get(path)
        return marks.last if marks else 0

    def rename(self, path: Path, key: str) -> None:
        """Move what stood under `path` to the sibling `key`: how a misspelt key is understood from here on."""
        depth = len(path)
        for old in [item for item in self.marks if item[:depth] == path]:
            self.marks[(*path[:-1], key, *old[depth:])] = self.marks.pop(old)


class _TooMuch(Exception):
    """Raised inside a walk when a limit is passed."""


def read_document(text: str, file: str) -> Document:
    """Return the document; never raises for any text."""
    document = Document(file, text.removeprefix("\ufeff"))
    if len(text) > MOST_CHARACTERS:
        return _refuse(document, "L111", f"the file has more than {MOST_CHARACTERS} characters", Span(file))
    try:
        node = yaml.compose(document.text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        return _refuse(document, "L100", _syntax(error), _mark_span(document, error))
    except (yaml.YAMLError, RecursionError, UnicodeError, ValueError) as error:
        return _refuse(document, "L100", f"not YAML: {_unmarked(error)}", _position_span(document, error))
    if node is None:
        return document
    try:
        document.data = _Walk(document).convert(node, (), None)
    except _TooMuch as error:
        document.data = None
        _refuse(document, "L111", str(error), Span(file))
    return document


def _refuse(document: Document, code: str, message: str, span: Span) -> Document:
    document.problems.append(Problem(code, message, span))
    return document


def _syntax(error: yaml.MarkedYAMLError) -> str:
    context = f" {error.context}" if error.context else ""
    return f"not YAML: {error.problem or 'cannot be read'}{context}"


def _unmarked(error: Exception) -> str:
    reason = getattr(error, "reason", "")
    return str(reason) if reason else "it cannot be read"


def _mark_span(document: Document, error: yaml.MarkedYAMLError) -> Span:
    mark = error.problem_mark or error.context_mark
    return Span(document.file, mark.line + 1, mark.column + 1) if mark else Span(document.file)


def _position_span(document: Document, error: Exception) -> Span:
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return Span(document.file)
    before = split_lines(document.text.encode()[:position].decode(errors="ignore"))
    return Span(document.file, len(before), len(before[-1]) + 1)


class _Walk:
    """Turns nodes to data, once through the tree."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._lines = split_lines(document.text)
        self._nodes = 0
        self._open: set[int] = set()

    def convert(self, node: yaml.Node, path: Path, key: Span | None) -> Any:  # noqa: ANN401 -- YAML is any data
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _TooMuch(f"the file has more than {MOST_NODES} values once its anchors are expanded")
        if len(path) > MOST_DEPTH:
            raise _TooMuch(f"the file is nested deeper than {MOST_DEPTH} levels")
        if id(node) in self._open:
            raise _TooMuch("an anchor holds itself")
        scalar = isinstance(node, yaml.ScalarNode)
        last = max(node.start_mark.line + 1, node.end_mark.line + (1 if node.end_mark.column else 0))
        flow = getattr(node, "flow_style", None) is True
        self._document.marks[path] = Marks(self._span(node), key, scalar or flow, last)
        self._check_tag(node)
        if isinstance(node, yaml.ScalarNode):
            return resolve_scalar(node.value) if not node.style else node.value
        self._open.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            data: Any = [self.convert(item, (*path, index), None) for index, item in enumerate(node.value)]
            children: list[Path] = [(*path, index) for index in range(len(data))]
        else:
            data = self._mapping(node, path) if isinstance(node, yaml.MappingNode) else {}
            children = [(*path, name) for name in data]
        self._open.discard(id(node))
        if children and not flow:  # a block ends, for YAML, where the next one begins
            self._document.marks[path].last = max(self._document.marks[child].last for child in children)
        return data

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        where: dict[str, Span] = {}
        for key_node, value_node in node.value:
            span = self._span(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._add("L113", "a key is text, not a list or a map", span)
                continue
            key = key_node.value
            if key == "<<" and not key_node.style:
                self._add("L109", "merge keys ('<<') are not part of this format", span, "use defaults: instead")
                continue
            if key in where:
                inside = f" in {show_path(path)}" if path else ""
                related = ((where[key], "first here"),)
                self._document.problems.append(Problem("L108", f"duplicate key '{key}'{inside}", span, related=related))
                continue
            where[key] = span
            result[key] = self.convert(value_node, (*path, key), span)
        return result

    def _check_tag(self, node: yaml.Node) -> None:
        mark = node.start_mark
        if _TAGGED.match(self._document.text, mark.index):
            self._add("L109", "tags ('!…') are not part of this format", self._span(node))

    def _add(self, code: str, message: str, span: Span, hint: str = "") -> None:
        self._document.problems.append(Problem(code, message, span, hint))

    def _span(self, node: yaml.Node) -> Span:
        start, end = node.start_mark, node.end_mark
        if start.line >= len(self._lines):  # YAML puts what is missing at the end behind the last line
            return Span(self._document.file, len(self._lines), len(self._lines[-1]) + 1)
        if start.line == end.line:
            width = end.column - start.column
        else:
            width = len(self._lines[start.line].rstrip()) - start.column
        return Span(self._document.file, start.line + 1, start.column + 1, max(width, 1))


def resolve_scalar(text: str) -> Any:  # noqa: ANN401 -- one of five types
    """Return what a plain scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def show_path(path: Path) -> str:
    """Return a path as people write it: `agents.triage.tools[0]`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
