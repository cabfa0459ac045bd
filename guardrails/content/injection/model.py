"""The injection model: how much a text reads like orders to a model, from 0 to 1. Weights are plain arrays.

Two logistic models look at overlapping windows, one at signs and their pairs, one at n-grams; the highest window
counts, because a payload is a few lines in a long text. Trained by benchmarks/injection/train.py; figures and their
limits are in benchmarks/README.md: it raises suspicion and is never the only gate.
"""

import math
from importlib import resources
from typing import Final, NamedTuple

import numpy as np

from lictor.guardrails.content.injection.features import PAIRS, SIZE, Features, Floats, cut
from lictor.guardrails.content.injection.signs import SIGNS

LONGEST: Final = 131_072
"""Bytes of one text that are looked at: of a longer one its head and its tail."""
SIGN_WINDOW: Final = 200
NGRAM_WINDOW: Final = 400
FILE: Final = "weights.npz"


class Weights(NamedTuple):
    """What training yields."""

    signs: Floats
    sign_bias: float
    ngrams: Floats
    """One weight for each hashed n-gram; on disk a byte each, times `ngram_scale`."""
    ngram_bias: float
    mix: tuple[float, float]
    """Weights of the two models in the score."""
    slope: float
    offset: float
    """Score 0.8 is where 1 % of the ordinary texts of sources that training had not seen lie above."""


def load_weights() -> Weights:
    """Read the weights that come with Lictor; never unpickles."""
    folder = resources.files("lictor.guardrails.content.injection")
    with resources.as_file(folder / FILE) as path, np.load(path, allow_pickle=False) as stored:
        signs = stored["signs"].astype(np.float32)
        ngrams = stored["ngrams"].astype(np.float32) * float(stored["ngram_scale"])
        numbers = [float(each) for each in stored["numbers"]]
    if signs.shape != (len(SIGNS) + len(PAIRS),) or ngrams.shape != (SIZE,) or len(numbers) != 6:
        raise ValueError(f"{FILE} does not fit this version: train it anew with benchmarks/injection/train.py")
    return Weights(signs, numbers[0], ngrams, numbers[1], (numbers[2], numbers[3]), numbers[4], numbers[5])


class InjectionModel:
    """Scores texts. One thread at a time."""

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights if weights is not None else load_weights()
        self._features = Features()

    def score(self, text: bytes) -> float:
        """Return the score of a canonical text."""
        weights = self._weights
        logit = weights.mix[0] * self.sign_logit(text) + weights.mix[1] * self.ngram_logit(text)
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, weights.slope * logit + weights.offset))))

    def sign_logit(self, text: bytes) -> float:
        """Return the highest window's logit of the model of signs."""
        rows = self._features.signs(cut(text, SIGN_WINDOW, LONGEST))
        return float((rows @ self._weights.signs).max()) + self._weights.sign_bias

    def ngram_logit(self, text: bytes) -> float:
        """Return the highest window's logit of the model of n-grams."""
        highest = -math.inf
        for window in cut(text, NGRAM_WINDOW, LONGEST):
            found = self._features.ngrams(window)
            if len(found):
                highest = max(highest, float(self._weights.ngrams[found].sum()) / math.sqrt(len(found)))
        return (highest if highest > -math.inf else 0.0) + self._weights.ngram_bias
