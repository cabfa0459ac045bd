"""Judging the injection model: on sources that it has not seen, never on others."""

from typing import Any, Final

import numpy as np
from injection.fitting import Array, Fitted, Tables, fit

CAP: Final = 120
"""Texts of one source and label that count, drawn by chance: no source outweighs the others."""


def score_unseen(tables: Tables, scored: Array) -> tuple[Array, Array]:
    """Return for each text the logit of a model trained without its family, and which texts have one.

    `scored` marks the texts that are scored; the others only train.
    """
    logits = np.full(len(tables.labels), np.nan)
    for family in sorted(set(tables.families[scored])):
        left_out = tables.families == family
        model: Fitted = fit(tables, ~left_out)
        logits[left_out & scored] = model.score(tables)[left_out & scored]
    return logits, scored


def draw(tables: Tables, among: Array, seed: int = 0) -> Array:
    """Return the places of at most CAP texts of each source and label."""
    dice = np.random.default_rng(seed)
    drawn: list[int] = []
    for source, label in sorted(set(zip(tables.sources[among], tables.labels[among], strict=True))):
        places = np.flatnonzero(among & (tables.sources == source) & (tables.labels == label))
        drawn += list(dice.permutation(places)[:CAP])
    return np.array(sorted(drawn))


def threshold(scores: Array, labels: Array, rate: float) -> float:
    """Return the score above which at most `rate` of the ordinary texts lie."""
    ordinary = np.sort(scores[labels == 0])[::-1]
    return float(ordinary[min(len(ordinary) - 1, int(rate * len(ordinary)))])


def area(scores: Array, labels: Array) -> float:
    """Return the area under the ROC curve: the chance that an attack scores above an ordinary text; ties count half."""
    order = np.concatenate((scores[labels == 1], scores[labels == 0]))
    ranks = np.empty(len(order))
    values, inverse, counts = np.unique(order, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = ((ends - counts + 1 + ends) / 2)[inverse]
    attacks, others = int((labels == 1).sum()), int((labels == 0).sum())
    del values
    return float((ranks[:attacks].sum() - attacks * (attacks + 1) / 2) / (attacks * others))


def report(scores: Array, labels: Array, sources: Array) -> dict[str, Any]:
    """Return the figures of scored texts."""
    limit, wider = threshold(scores, labels, 0.01), threshold(scores, labels, 0.03)
    attacks = labels == 1
    by_source: dict[str, dict[str, float | int]] = {}
    for source in sorted(set(sources)):
        mine = sources == source
        entry: dict[str, float | int] = {}
        for name, those in (("recall", mine & attacks), ("false_positives", mine & ~attacks)):
            if those.any():
                entry[name] = round(float((scores[those] > limit).mean()), 3)
                entry["attacks" if name == "recall" else "ordinary"] = int(those.sum())
        by_source[source] = entry
    return {
        "recall_at_1pct_fpr": round(float((scores[attacks] > limit).mean()), 4),
        "recall_at_3pct_fpr": round(float((scores[attacks] > wider).mean()), 4),
        "auc": round(area(scores, labels), 4),
        "attacks": int(attacks.sum()),
        "ordinary": int((~attacks).sum()),
        "per_source": by_source,
    }
