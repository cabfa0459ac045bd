"""The full-text index of a folder of markdown: SQLite FTS5, kept in memory, brought up to date when files change."""

import logging
import math
import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lictor.runtime.tools.passages import Passage, passages_of
from lictor.runtime.tools.query import LONGEST_PHRASE, Concept, concepts_of, match, words_of
from lictor.runtime.tools.ranking import best_wording, ranked
from lictor.runtime.tools.sentences import asks_number, quote_of, sentences_of

LARGEST_FILE: Final = 4 * 1024 * 1024
"""Bytes; a larger file is left out."""
MOST_FILES: Final = 20_000
SYNONYMS: Final = "synonyms.txt"
"""File of the folder that lists words of equal meaning: a group a line, parted by commas; `#` begins a comment."""

_SUFFIXES: Final = frozenset({".md", ".markdown", ".mdx", ".txt"})
_WEIGHTS: Final = "1.0, 2.0, 1.0"
"""Of the document's title, the rest of the heading path, and the text."""

_TOKENS: Final = "tokenize = 'porter unicode61 remove_diacritics 2'"
_SCHEMA: Final = f"""
    create virtual table passages using fts5(title, heading, text, file unindexed, {_TOKENS});
    create virtual table sentences using fts5(text, {_TOKENS});
    create virtual table wordings using fts5(phrase, team unindexed, words unindexed, {_TOKENS});
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, and how well it fits; higher is better, comparable within one answer only."""

    passage: Passage
    score: float
    quote: str
    """The sentences of the passage that are nearest to the question."""


class PassageIndex:
    """Passages of the markdown files under `folder`; names of files are given relative to `root`.

    Not safe for use by several threads at once; any thread may use it.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder = folder
        self._root = root
        self._seen: dict[Path, tuple[int, int]] = {}
        self._count = 0
        self._database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Give the memory back."""
        self._database.close()

    def refresh(self) -> None:
        """Read what is new or has changed since the last call, and forget what is gone."""
        present = dict(_files(self._folder))
        for path in [path for path in self._seen if path not in present]:
            self._forget(path)
            del self._seen[path]
        for path, stamp in present.items():
            if self._seen.get(path) != stamp:
                self._forget(path)
                self._read(path, stamp[1])
                self._seen[path] = stamp
        (self._count,) = self._database.execute("select count(*) from passages").fetchone()

    def search(self, question: str, most: int) -> list[Hit]:
        """Return at most `most` passages, best first; none when no word of the question occurs."""
        concepts = concepts_of(words_of(question), self._synonyms, self._known)
        scores = [
            best_wording(map(self._matches, concept.wordings), map(self._matches, concept.synonyms))
            for concept in concepts
        ]
        worths = [concept.weight * self._rarity(len(each)) for concept, each in zip(concepts, scores, strict=True)]
        best = ranked(scores, worths)[:most]
        number = asks_number(question)
        return [
            Hit(passage, score, self._quote(passage, concepts, worths, number=number))
            for passage, score in ((self._passage(row), score) for row, score in best)
        ]

    def _quote(self, passage: Passage, concepts: Sequence[Concept], worths: Sequence[float], *, number: bool) -> str:
        sentences = sentences_of(passage.text)
        self._database.execute("delete from sentences")
        self._database.executemany("insert into sentences (rowid, text) values (?, ?)", enumerate(sentences))
        scores = [0.0] * len(sentences)
        for concept, worth in zip(concepts, worths, strict=True):
            found = best_wording(map(self._holding, concept.wordings), map(self._holding, concept.synonyms))
            for row, share in found.items():
                scores[row] += worth * share
        return quote_of(sentences, scores, number=number)

    def _holding(self, phrase: str) -> dict[int, float]:
        found = self._database.execute("select rowid from sentences where sentences match ?", (match(phrase),))
        return {row: 1.0 for (row,) in found}

    def _rarity(self, passages: int) -> float:
        return math.log(1 + (self._count - passages + 0.5) / (passages + 0.5))

    def _matches(self, phrase: str) -> dict[int, float]:
        statement = (
            f"select rowid, -bm25(passages, {_WEIGHTS}) as score from passages where passages match ?"  # noqa: S608
            " order by score desc"
        )
        found = self._database.execute(statement, (match(phrase),)).fetchall()
        rarity = max(math.log((self._count - len(found) + 0.5) / (len(found) + 0.5)), 1e-6)  # as FTS5 has counted it
        return {row: score / rarity for row, score in found}

    def _known(self, word: str) -> bool:
        found = self._database.execute("select 1 from passages where passages match ? limit 1", (match(word),))
        return found.fetchone() is not None

    def _synonyms(self, phrase: str) -> list[str]:
        teams = "select team from wordings where wordings match ? and words = ?"
        found = self._database.execute(
            f"select distinct phrase from wordings where team in ({teams})",  # noqa: S608
            (match(phrase), len(phrase.split())),
        )
        return [other for (other,) in found if other != phrase]

    def _passage(self, number: int) -> Passage:
        title, heading, text, file = self._database.execute(
            "select title, heading, text, file from passages where rowid = ?", (number,)
        ).fetchone()
        return Passage(file, f"{title} > {heading}" if heading else title, text)

    def _forget(self, path: Path) -> None:
        if path == self._folder / SYNONYMS:
            self._database.execute("delete from wordings")
        elif path in self._seen:
            self._database.execute("delete from passages where file = ?", (self._name(path),))

    def _read(self, path: Path, size: int) -> None:
        text = _text(path, size)
        if text is None:
            return
        with self._database:
            self._database.execute("begin")
            if path == self._folder / SYNONYMS:
                self._database.executemany("insert into wordings values (?, ?, ?)", _wordings(text))
                return
            for passage in passages_of(self._name(path), text):
                title, _, heading = passage.heading.partition(" > ")
                self._database.execute(
                    "insert into passages values (?, ?, ?, ?)", (title, heading, passage.text, passage.file)
                )

    def _name(self, path: Path) -> str:
        return (path.relative_to(self._root) if path.is_relative_to(self._root) else path).as_posix()


def _files(folder: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if name.startswith(".") or path.suffix.lower() not in _SUFFIXES:
                continue
            count += 1
            if count > MOST_FILES:
                _log.warning("%s holds more than %d files; the rest is left out", folder, MOST_FILES)
                return
            try:
                status = path.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, (status.st_mtime_ns, status.st_size)


def _text(path: Path, size: int) -> str | None:
    if size > LARGEST_FILE:
        _log.warning("%s is left out: it has %d bytes, and %d is the limit", path, size, LARGEST_FILE)
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        _log.warning("%s is left out: %s", path, error.strerror)
        return None
    except UnicodeDecodeError:
        _log.warning("%s is left out: it is not UTF-8 text", path)
        return None
    if "\0" in text:
        _log.warning("%s is left out: it is not text", path)
        return None
    return text


def _wordings(text: str) -> Iterator[tuple[str, int, int]]:
    for team, line in enumerate(text.splitlines()):
        for wording in line.partition("#")[0].split(","):
            words = words_of(wording)
            if 0 < len(words) <= LONGEST_PHRASE:
                yield " ".join(words), team, len(words)
