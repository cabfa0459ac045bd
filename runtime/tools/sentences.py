"""Which sentences of a passage are nearest to a question. Pure text work."""

import re
from collections.abc import Sequence
from typing import Final

MOST: Final = 3
"""Sentences of a quote."""
NUMBER: Final = 2.0
"""What a figure adds to a sentence when the question asks for one; a rare word of the question adds about 4."""

_END: Final = re.compile(
    r"""(?:(?<=[.!?])|(?<=[.!?]["')\]]))\s+(?=["'(\[]?[A-Z0-9])|\n\s*\n|\n(?=\s*(?:[-*+]|\d+[.)])\s)"""
)
_ASKS_NUMBER: Final = re.compile(
    r"\b(how (many|much|long|often|old|far|fast|large|big|high|small|late|soon)|when|until|maximum|minimum"
    r"|at (most|least|what)|what (\w+ )?(level|percentage|number|size|price|age|time)|costs?)\b",
    re.IGNORECASE,
)


def sentences_of(text: str) -> tuple[str, ...]:
    """Return the sentences and list items of a passage, each on one line."""
    return tuple(sentence for part in _END.split(text) if part and (sentence := " ".join(part.split())))


def asks_number(question: str) -> bool:
    """Tell whether a question seems to ask for a figure, a date or a duration."""
    return _ASKS_NUMBER.search(question) is not None


def quote_of(sentences: Sequence[str], scores: Sequence[float], *, number: bool, most: int = MOST) -> str:
    """Return the best sentences in the order of the passage; `number` says that a figure is asked for."""
    worth = [
        score + (NUMBER if number and any(map(str.isdigit, sentence)) else 0.0)
        for sentence, score in zip(sentences, scores, strict=True)
    ]
    best = sorted(range(len(sentences)), key=lambda place: (-worth[place], place))[:most]
    return " ".join(sentences[place] for place in sorted(best))
