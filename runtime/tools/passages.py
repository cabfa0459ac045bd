"""Markdown into passages: one for each section, with the path of headings that leads to it. Pure text work."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

MOST_WORDS: Final = 220
"""A longer section becomes several passages, cut between paragraphs where possible."""

_HEADING: Final = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_UNDERLINE: Final = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_BLANK: Final = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can be quoted and cited."""

    file: str
    heading: str
    """Path of headings, outermost first, joined by ` > `; the file's name when there is none."""
    text: str


def passages_of(file: str, text: str) -> tuple[Passage, ...]:
    """Return the passages of one markdown document in reading order; sections without text are left out."""
    found = []
    for path, lines in _sections(text.replace("\r\n", "\n").split("\n")):
        heading = " > ".join(path) or file.rpartition("/")[2]
        parts = _parts("\n".join(lines).strip())
        for number, part in enumerate(parts, start=1):
            found.append(Passage(file, f"{heading} (part {number})" if len(parts) > 1 else heading, part))
    return tuple(found)


def _sections(lines: Sequence[str]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    path: list[tuple[int, str]] = []
    body: list[str] = []
    fence = ""
    for line in lines[_front_matter(lines) :]:
        marked = _FENCE.match(line)
        if marked and not fence:
            fence = marked[1]
        elif marked and marked[1].startswith(fence) and not line.strip(" `~\t"):
            fence = ""
        heading = None if fence else _heading(line, body)
        if heading is None:
            body.append(line)
            continue
        if _UNDERLINE.match(line):
            body.pop()
        yield tuple(title for _, title in path), body
        body = []
        path = [*((level, title) for level, title in path if level < heading[0]), heading]
    yield tuple(title for _, title in path), body


def _heading(line: str, before: Sequence[str]) -> tuple[int, str] | None:
    marked = _HEADING.match(line)
    if marked:
        return (len(marked[1]), marked[2]) if marked[2] else None
    underlined = _UNDERLINE.match(line)
    alone = before and before[-1].strip() and not (len(before) > 1 and before[-2].strip())
    if underlined and alone and before[-1].lstrip()[0] not in "-*+>|`":
        return 1 if underlined[1][0] == "=" else 2, before[-1].strip()
    return None


def _front_matter(lines: Sequence[str]) -> int:
    if lines and lines[0].rstrip() == "---":
        for number, line in enumerate(lines[1:], start=1):
            if line.rstrip() in ("---", "..."):
                return number + 1
    return 0


def _parts(text: str) -> list[str]:
    if len(text.split()) <= MOST_WORDS:
        return [text] if text else []
    parts: list[str] = []
    size = 0
    for paragraph in (piece for block in _BLANK.split(text) for piece in _pieces(block)):
        words = len(paragraph.split())
        if parts and size + words <= MOST_WORDS:
            parts[-1] += "\n\n" + paragraph
            size += words
        elif words:
            parts.append(paragraph)
            size = words
    return parts


def _pieces(block: str) -> list[str]:
    words = block.split()
    if len(words) <= MOST_WORDS:
        return [block]
    return [" ".join(words[start : start + MOST_WORDS]) for start in range(0, len(words), MOST_WORDS)]
