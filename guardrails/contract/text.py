"""A text that values may come from, with what was found in it kept: every question after the first is cheap."""

import re
from typing import Final

from lictor.guardrails.contract.extract import extract
from lictor.guardrails.contract.fields import Field, Path, matches, read_fields
from lictor.guardrails.contract.normal import normal_text

_WORD: Final = re.compile(r"\w+")
LONGEST: Final = 131_072
"""Characters of a text that are kept; what stands behind them is no source of anything."""


class Text:
    """One text. `cut` tells that it was longer than is kept: nothing in it can be said to be the only one.

    `data` is the same as JSON, when the text is only written for people.
    """

    __slots__ = ("_by_path", "_data", "_extracted", "_fields", "_folded", "_normal", "_words", "cut", "raw")

    def __init__(self, raw: str, data: bytes = b"") -> None:
        self._data = data
        self._by_path: dict[Path, str] | None = None
        self.cut = len(raw) > LONGEST
        self.raw = raw[:LONGEST]
        self._normal: str | None = None
        self._folded: str | None = None
        self._words: frozenset[str] | None = None
        self._fields: tuple[Field, ...] | None = None
        self._extracted: dict[str, frozenset[str]] = {}

    @property
    def normal(self) -> str:
        """The text and each of its fields in normal form, one a line."""
        if self._normal is None:
            parts = [normal_text(self.raw), *(normal_text(text) for _, text in self.fields)]
            self._normal = "\n".join(parts)
        return self._normal

    @property
    def folded(self) -> str:
        """The normal form without regard to case."""
        if self._folded is None:
            self._folded = self.normal.lower()
        return self._folded

    @property
    def words(self) -> frozenset[str]:
        """The words, without regard to case."""
        if self._words is None:
            self._words = frozenset(_WORD.findall(self.folded))
        return self._words

    @property
    def fields(self) -> tuple[Field, ...]:
        """The leaves of the text's JSON or YAML."""
        if self._fields is None:
            self._fields = read_fields(self._data or self.raw)
        return self._fields

    def values(self, kind: str) -> frozenset[str]:
        """Return the distinct values of a type; raises KeyError for an unknown type."""
        found = self._extracted.get(kind)
        if found is None:
            if kind == "line":
                found = extract(kind, "\n".join([self.raw, *(text for _, text in self.fields)]))
            else:
                found = extract(kind, self.normal)
            self._extracted[kind] = found
        return found

    def field(self, path: Path) -> str | None:
        """Return the text of the one field at a path without stars; None when there is none."""
        if self._by_path is None:
            self._by_path = dict(self.fields)
        return self._by_path.get(path)

    def at(self, pattern: tuple[str, ...]) -> list[Field]:
        """Return the fields at a path; a step `*` stands for any one."""
        return [field for field in self.fields if matches(pattern, field[0])]
