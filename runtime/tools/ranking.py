"""Which passage answers a question best, from what each concept scores. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

SYNONYM: Final = 0.6
"""Worth of another wording, against the question's own."""


def best_wording(wordings: Iterable[Mapping[int, float]], synonyms: Iterable[Mapping[int, float]]) -> dict[int, float]:
    """Return a concept's score by passage: of all that it can be called, the best counts."""
    best: dict[int, float] = {}
    for worth, scores in ((1.0, wordings), (SYNONYM, synonyms)):
        for by_passage in scores:
            for passage, score in by_passage.items():
                best[passage] = max(best.get(passage, 0.0), worth * score)
    return best


def ranked(concepts: Sequence[Mapping[int, float]], weights: Sequence[float]) -> list[tuple[int, float]]:
    """Return passages with their scores, best first; `concepts` holds each concept's score by passage."""
    total: dict[int, float] = {}
    for scores, weight in zip(concepts, weights, strict=True):
        for passage, score in scores.items():
            total[passage] = total.get(passage, 0.0) + weight * score
    return sorted(total.items(), key=lambda each: (-each[1], each[0]))
