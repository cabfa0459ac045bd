"""YAML or JSON as plain data with the place of every value: what a contract is read from. Bounded."""

from dataclasses import dataclass, field
from typing import Any, Final

import yaml

Path = tuple[str | int, ...]

MOST_CHARACTERS: Final = 200_000
_MOST_NODES: Final = 20_000
_MOST_DEPTH: Final = 24
_INT_TAG: Final = "tag:yaml.org,2002:int"
_WORDS: Final[dict[str, Any]] = {"": None, "null": None, "~": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong with a contract."""

    message: str
    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class ContractError(Exception):
    """Raised when a text is no contract; tells every mistake with its place."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


@dataclass(slots=True)
class Placed:
    """A text as data; `places` has the line and the column of each value, or of its key."""

    file: str
    data: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def place(self, path: Path) -> tuple[int, int]:
        """Return the line and column of the value at a path, or of what is above it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def blame(self, path: Path, message: str) -> None:
        """Note a mistake at a path."""
        self.mistakes.append(Mistake(message, self.file, *self.place(path)))


def read_placed(text: str, file: str, line: int = 1) -> Placed:
    """Return the data; raises ContractError when the text is no YAML or too much of it. `line` is its first line."""
    placed = Placed(file)
    if len(text) > MOST_CHARACTERS:
        raise _error(file, line, 1, f"a contract may have {MOST_CHARACTERS} characters; this has {len(text)}")
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        if node is not None:
            placed.data = _Reader(placed, line - 1).convert(node, (), None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (mark.line + line, mark.column + 1) if mark else (line, 1)
        raise _error(file, *where, f"not YAML: {error.problem or error.context or 'it cannot be read'}") from None
    except (yaml.YAMLError, RecursionError, UnicodeError, ValueError) as error:
        raise _error(file, line, 1, f"not YAML: {getattr(error, 'reason', '') or 'it cannot be read'}") from None
    return placed


def _error(file: str, line: int, column: int, message: str) -> ContractError:
    return ContractError((Mistake(message, file, line, column),))


class _Reader:
    def __init__(self, placed: Placed, offset: int) -> None:
        self._placed = placed
        self._offset = offset
        self._nodes = 0

    def convert(self, node: yaml.Node, path: Path, key: yaml.Node | None) -> Any:  # noqa: ANN401 -- YAML is any data
        self._nodes += 1
        where = (node if key is None else key).start_mark
        place = where.line + 1 + self._offset, where.column + 1
        self._placed.places[path] = place
        if self._nodes > _MOST_NODES or len(path) > _MOST_DEPTH:
            limits = f"{_MOST_NODES} values and a depth of {_MOST_DEPTH}"
            raise _error(self._placed.file, *place, f"too much: a contract may have {limits}")
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.convert(item, (*path, index), None) for index, item in enumerate(node.value)]
        result: dict[str, Any] = {}
        for key_node, item in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._placed.blame(path, "a key is text, not a list or a map")
            elif key_node.value in result:
                mark = key_node.start_mark
                self._placed.places[*path, key_node.value] = mark.line + 1 + self._offset, mark.column + 1
                self._placed.blame((*path, key_node.value), f"'{key_node.value}' is given twice")
            else:
                result[key_node.value] = self.convert(item, (*path, key_node.value), key_node)
        return result


def _scalar(node: yaml.ScalarNode) -> Any:  # noqa: ANN401 -- one of five types
    """Return what a scalar means by YAML 1.2's core: dates and `yes` are text."""
    text: str = node.value
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if node.tag == _INT_TAG and text.lstrip("-").isdecimal() and (text.lstrip("-")[0] != "0" or text in {"0", "-0"}):
        return int(text) if len(text) < 20 else text
    try:
        return float(text) if any(sign.isdecimal() for sign in text) and "_" not in text and _is_decimal(text) else text
    except ValueError:
        return text


def _is_decimal(text: str) -> bool:
    whole, dot, rest = text.removeprefix("-").partition(".")
    return bool(dot) and whole.isdecimal() and rest.isdecimal() and text.isascii()
