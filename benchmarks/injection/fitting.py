"""Fitting the injection model: two logistic regressions over windows, of which an attack's highest counts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from injection.corpus import Sample
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from lictor.guardrails.content.canonical import canonicalise
from lictor.guardrails.content.injection.features import PAIRS, SIZE, Features, cut
from lictor.guardrails.content.injection.model import NGRAM_WINDOW, SIGN_WINDOW
from lictor.guardrails.content.injection.signs import SIGNS

Array = NDArray[Any]

_MOST: Final = 8000
"""Bytes of a text that training looks at."""
_ROUNDS: Final = 2
"""How often the window of each attack that counts is chosen anew."""
_EVENNESS: Final = 0.4
"""A source weighs as its number of texts to the power of one minus this: 0 counts texts, 1 counts sources."""
SIGN_STRENGTH: Final = 0.003
NGRAM_STRENGTH: Final = 0.3
NGRAM_SHARE: Final = 0.4
"""Share of the n-grams in the score: they know phrases of sources like those seen, the signs those of all others."""


class Table(NamedTuple):
    """Windows as rows of features, and to which text each belongs."""

    rows: Any
    owners: Array


class Tables(NamedTuple):
    """What both models see of the samples."""

    signs: Table
    ngrams: Table
    labels: Array
    families: Array
    sources: Array


class Linear(NamedTuple):
    """Weights and bias of one model."""

    weights: Array
    bias: float

    def highest(self, table: Table, count: int) -> Array:
        """Return the logit of the highest window of each text."""
        scores = np.full(count, -1e9)
        np.maximum.at(scores, table.owners, table.rows @ self.weights + self.bias)
        return scores


class Fitted(NamedTuple):
    """Both models, and how they are mixed."""

    signs: Linear
    ngrams: Linear
    mix: tuple[float, float]

    def score(self, tables: Tables) -> Array:
        """Return the mixed logit of every text."""
        count = len(tables.labels)
        return self.mix[0] * self.signs.highest(tables.signs, count) + self.mix[1] * self.ngrams.highest(
            tables.ngrams, count
        )


def tabulate(samples: Sequence[Sample]) -> Tables:
    """Compute the features of all windows of all samples."""
    features = Features()
    texts = [canonicalise(sample.text).encode("utf-8", "replace") for sample in samples]
    windows = [cut(text, SIGN_WINDOW, _MOST) for text in texts]
    signs = features.signs([window for each in windows for window in each])
    owners = np.repeat(np.arange(len(texts)), [len(each) for each in windows])
    wide = [cut(text, NGRAM_WINDOW, _MOST) for text in texts]
    found = [features.ngrams(window) for each in wide for window in each]
    lengths = np.array([len(each) for each in found])
    values = np.repeat(1 / np.sqrt(np.maximum(1, lengths)), lengths).astype(np.float32)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    matrix = csr_matrix((values, np.concatenate(found).astype(np.int32), starts), shape=(len(found), SIZE))
    return Tables(
        Table(signs, owners),
        Table(matrix, np.repeat(np.arange(len(texts)), [len(each) for each in wide])),
        np.array([sample.label for sample in samples]),
        np.array([sample.family for sample in samples]),
        np.array([sample.source for sample in samples]),
    )


def fit(tables: Tables, train: Array) -> Fitted:
    """Fit both models on the texts that `train` marks."""
    weights = _weigh(tables, train)
    bounds = [{1: (0, None), -1: (None, 0), 0: (None, None)}[sign.direction] for sign in SIGNS]
    signs = _fit_windows(tables, tables.signs, weights, SIGN_STRENGTH, [*bounds, *([(0, None)] * len(PAIRS))])
    ngrams = _fit_windows(tables, tables.ngrams, weights, NGRAM_STRENGTH, None)
    count = len(tables.labels)
    spread = [
        model.highest(table, count)[train].std() for model, table in ((signs, tables.signs), (ngrams, tables.ngrams))
    ]
    return Fitted(signs, ngrams, (float((1 - NGRAM_SHARE) / spread[0]), float(NGRAM_SHARE / spread[1])))


def _weigh(tables: Tables, train: Array) -> Array:
    """Weigh the texts: large sources less for each text, attacks together as much as ordinary texts."""
    counts = Counter(zip(tables.sources[train], tables.labels[train], strict=True))
    keys = zip(tables.sources, tables.labels, train, strict=True)
    weights = np.array([counts[source, label] ** -_EVENNESS if used else 0.0 for source, label, used in keys])
    for label in (0, 1):
        chosen = train & (tables.labels == label)
        weights[chosen] *= train.sum() / 2 / weights[chosen].sum()
    return weights


def _fit_windows(tables: Tables, table: Table, weights: Array, strength: float, bounds: Any) -> Linear:  # noqa: ANN401 -- pairs of limits, or None
    """Fit one model; of an attack only the window that scores highest counts from the second round on."""
    count = len(tables.labels)
    spread = (weights / np.maximum(1, np.bincount(table.owners, minlength=count)))[table.owners]
    labels = tables.labels[table.owners]
    chosen, model = spread, Linear(np.zeros(table.rows.shape[1]), 0.0)
    for round_ in range(_ROUNDS + 1):
        used = chosen > 0
        model = _regress(table.rows[used], labels[used], chosen[used] * (used.sum() / chosen.sum()), strength, bounds)
        if round_ < _ROUNDS:
            scores = table.rows @ model.weights + model.bias
            best = scores >= model.highest(table, count)[table.owners] - 1e-9
            chosen = np.where(labels == 1, np.where(best, weights[table.owners], 0.0), spread)
    return model


def _regress(rows: Any, labels: Array, weights: Array, strength: float, bounds: Any) -> Linear:  # noqa: ANN401 -- pairs of limits, or None
    signs = 2.0 * labels - 1.0
    size = rows.shape[1]
    turned = rows.T.tocsr() if hasattr(rows, "tocsr") else rows.T

    def loss(values: Array) -> tuple[float, Array]:
        margin = signs * (rows @ values[:size] + values[size])
        total = strength * float((weights * np.logaddexp(0, -margin)).sum()) + 0.5 * float(
            values[:size] @ values[:size]
        )
        pull = -strength * weights * signs / (1 + np.exp(np.clip(margin, -30, 30)))
        return total, np.append(turned @ pull + values[:size], pull.sum())

    limits = None if bounds is None else [*bounds, (None, None)]
    found = minimize(
        loss,
        np.zeros(size + 1),
        jac=True,
        method="L-BFGS-B",
        bounds=limits,
        options={"maxiter": 60 if bounds is None else 200},
    )
    return Linear(found.x[:size], float(found.x[size]))
