"""What is wrong with a definition, and where: values that are rendered, never printed on the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Severity(StrEnum):
    """Whether a problem stops the team from starting."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line; lines and columns from 1, in characters."""

    file: str
    line: int = 0
    """0 means the file as a whole."""
    column: int = 1
    width: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    code: str
    """`L101` …; `lictor.runtime.definition.errors` has a page for each."""
    message: str
    span: Span
    hint: str = ""
    """Stands behind the carets: what to do."""
    severity: Severity = Severity.ERROR
    related: tuple[tuple[Span, str], ...] = ()
    """Other places that belong to it, each with a word on why."""

    @property
    def is_error(self) -> bool:
        """Whether it stops the team from starting."""
        return self.severity is Severity.ERROR


class DefinitionError(Exception):
    """Raised when a plan was asked for and the definition has errors."""

    def __init__(self, problems: Iterable[Problem], sources: Mapping[str, str]) -> None:
        self.problems = tuple(problems)
        self.sources = sources
        """File name to text, for rendering."""
        super().__init__("; ".join(f"{item.span.file}:{item.span.line}: {item.message}" for item in self.problems))


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file, line and column, each once; the order of files is the order of first mention."""
    unique = list(dict.fromkeys(problems))
    order: dict[str, int] = {}
    for problem in unique:
        order.setdefault(problem.span.file, len(order))
    return tuple(sorted(unique, key=lambda item: (order[item.span.file], item.span.line, item.span.column, item.code)))


def guess(word: str, known: Iterable[str]) -> str:
    """Return `did you mean '…'?` when `known` has something close to `word`, else an empty text."""
    close = get_close_matches(word, [item for item in known if item != word], n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""
