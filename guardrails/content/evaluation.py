"""How good a guard is on labelled texts: recall, precision, false alarms, latency. Pure, but for the clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter
from typing import Any, Final

from lictor.guardrails.content.canonical import canonicalise
from lictor.guardrails.content.injection.model import InjectionModel
from lictor.guardrails.content.pii.patterns import CLASSES
from lictor.guardrails.content.pii.scanner import find_spans
from lictor.guardrails.content.scanner import Scanner

GUARDS: Final = ("injection", "secrets", "pii")
_LEAST_SECRET: Final = 0.5
_KINDS: Final[Mapping[str, str]] = {
    "email_address": "email",
    "credit_card": "card",
    "iban_code": "iban",
    "us_ssn": "ssn",
    "ip_address": "ip",
    "phone_number": "phone",
}
"""Names of other data sets for the kinds of personal data."""

Row = Mapping[str, Any]
"""`text`, `label` (0 or 1), and if they like `source` and `spans` of [start, end, kind]."""


def evaluate(guard: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the figures of one guard, as it comes with Lictor, on labelled texts."""
    return {"injection": evaluate_injection, "secrets": evaluate_secrets, "pii": evaluate_pii}[guard](rows)


def evaluate_injection(rows: Sequence[Row], threshold: float = 0.8) -> dict[str, Any]:
    """Return recall at 1 and 3 % false positives, the area under the curve, and the figures at a threshold."""
    model = InjectionModel()
    scores, times = _timed(rows, lambda text: model.score(canonicalise(text).encode("utf-8", "replace")))
    labels = [int(row["label"]) for row in rows]
    return {
        **rank(scores, labels),
        **confuse([score >= threshold for score in scores], labels),
        "threshold": threshold,
        **times,
    }


def evaluate_secrets(rows: Sequence[Row]) -> dict[str, Any]:
    """Return recall and false alarms; those of sources whose name holds `readme` once more by themselves."""
    scanner = Scanner()
    found, times = _timed(
        rows,
        lambda text: any(
            each.guard == "secret" and each.score >= _LEAST_SECRET
            for each in scanner.scan(text.encode("utf-8", "replace"))
        ),
    )
    labels = [int(row["label"]) for row in rows]
    readmes = [place for place, row in enumerate(rows) if "readme" in str(row.get("source", "")).lower()]
    alarms = sum(found[place] for place in readmes if not labels[place])
    return {
        **confuse(found, labels),
        "readmes": len(readmes),
        "readme_false_alarms": alarms,
        **times,
    }


def evaluate_pii(rows: Sequence[Row]) -> dict[str, Any]:
    """Return recall and false alarms by kind: a span counts as found when a finding of its kind overlaps it."""
    found, times = _timed(rows, find_spans)
    kinds: dict[str, dict[str, Any]] = {}
    for kind in CLASSES:
        wanted = hit = false = 0
        for row, spans in zip(rows, found, strict=True):
            expected = [(a, b) for a, b, name in row.get("spans", ()) if _kind(name) == kind]
            mine = [span for span in spans if span.kind == kind]
            wanted += len(expected)
            hit += sum(any(span.start < b and span.end > a for span in mine) for a, b in expected)
            false += sum(not any(span.start < b and span.end > a for a, b in expected) for span in mine)
        kinds[kind] = {"spans": wanted, "recall": round(hit / wanted, 4) if wanted else None, "false_alarms": false}
    spans, hits = (
        sum(each["spans"] for each in kinds.values()),
        sum(round(each["recall"] * each["spans"]) for each in kinds.values() if each["spans"]),
    )
    return {
        "recall": round(hits / spans, 4) if spans else None,
        "false_alarms": sum(each["false_alarms"] for each in kinds.values()),
        "kinds": kinds,
        **times,
    }


def rank(scores: Sequence[float], labels: Sequence[int]) -> dict[str, float | None]:
    """Return recall at 1 % and 3 % false positives and the area under the ROC curve; ties count half."""
    attacks = sorted(score for score, label in zip(scores, labels, strict=True) if label)
    others = sorted((score for score, label in zip(scores, labels, strict=True) if not label), reverse=True)
    if not attacks or not others:
        return {"recall_at_1pct_fpr": None, "recall_at_3pct_fpr": None, "auc": None}
    limits = {share: others[min(len(others) - 1, int(share * len(others)))] for share in (0.01, 0.03)}
    ordered = sorted([(score, 1) for score in attacks] + [(score, 0) for score in others])
    below = ties = total = 0.0
    place = 0
    while place < len(ordered):
        end = place
        while end < len(ordered) and ordered[end][0] == ordered[place][0]:
            end += 1
        positives = sum(label for _, label in ordered[place:end])
        ties = (end - place) - positives
        total += positives * (below + ties / 2)
        below += ties
        place = end
    return {
        "recall_at_1pct_fpr": round(sum(score > limits[0.01] for score in attacks) / len(attacks), 4),
        "recall_at_3pct_fpr": round(sum(score > limits[0.03] for score in attacks) / len(attacks), 4),
        "auc": round(total / (len(attacks) * len(others)), 4),
    }


def confuse(found: Iterable[bool], labels: Sequence[int]) -> dict[str, Any]:
    """Return precision, recall, false-positive rate and counts; None where there was nothing to count."""
    pairs = list(zip(found, labels, strict=True))
    hits = sum(1 for hit, label in pairs if hit and label)
    alarms = sum(1 for hit, label in pairs if hit and not label)
    attacks = sum(1 for _, label in pairs if label)
    others = len(pairs) - attacks
    return {
        "texts": len(pairs),
        "positives": attacks,
        "recall": round(hits / attacks, 4) if attacks else None,
        "precision": round(hits / (hits + alarms), 4) if hits + alarms else None,
        "false_positive_rate": round(alarms / others, 4) if others else None,
        "false_alarms": alarms,
    }


def _kind(name: str) -> str:
    return _KINDS.get(str(name).lower(), str(name).lower())


def _timed(rows: Sequence[Row], look: Callable[[str], Any]) -> tuple[list[Any], dict[str, float]]:
    """Return what a guard says of each text, and its latency in milliseconds."""
    look("warm")
    said: list[Any] = []
    times: list[float] = []
    for row in rows:
        started = perf_counter()
        said.append(look(str(row["text"])))
        times.append((perf_counter() - started) * 1000)
    times.sort()
    if not times:
        return said, {"p50_ms": 0.0, "p99_ms": 0.0}
    return said, {"p50_ms": round(times[len(times) // 2], 4), "p99_ms": round(times[int(len(times) * 0.99)], 4)}
