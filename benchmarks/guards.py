"""Score the content guards: `make bench-guards`, or `python benchmarks/guards.py --data FOLDER`.

Injection is judged on sources that its model has not seen, never on others: each family of sources is scored by
a model trained on all the others (leave one source out). Where a folder has sources of both labels that the model which
comes with Lictor never saw, that model is judged as it is, on those. The last line is one JSON document.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from injection.corpus import load_helpers, load_samples, read_rows
from injection.fitting import tabulate
from injection.judging import draw, report, score_unseen

from lictor.guardrails.content.canonical import canonicalise
from lictor.guardrails.content.evaluation import evaluate, evaluate_injection
from lictor.guardrails.content.injection.model import FILE, InjectionModel

WEIGHTS = Path(__file__).parents[1] / "guardrails" / "content" / "injection" / FILE


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    options = parser.parse_args()
    folder: Path = options.data
    if not list(folder.glob("*.jsonl")):
        sys.exit(f"{folder}: there are no .jsonl files; give the folder as DATA=…")
    figures: dict[str, Any] = {}
    if list(folder.glob("injection*.jsonl")):
        figures["injection"] = judge_injection(folder)
    for guard in ("secrets", "pii"):
        if rows := list(read_rows(folder, guard)):
            figures[guard] = evaluate(guard, rows)
    print(json.dumps(figures))


def judge_injection(folder: Path) -> dict[str, Any]:
    """Return the figures of the injection model on sources that it has not seen."""
    samples = load_samples(folder)
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        seen = set(stored["sources"].tolist())
    unseen = [sample for sample in samples if sample.source not in seen]
    shipped = {sample.label for sample in unseen} == {0, 1}
    if shipped:
        model = InjectionModel()
        texts = (canonicalise(sample.text).encode("utf-8", "replace") for sample in unseen)
        scores = np.array([model.score(text) for text in texts])
        labels = np.array([sample.label for sample in unseen])
        sources = np.array([sample.source for sample in unseen])
    else:
        tables = tabulate([*samples, *load_helpers(folder)])
        scored = np.arange(len(tables.labels)) < len(samples)
        logits, _ = score_unseen(tables, scored)
        drawn = draw(tables, scored)
        scores, labels, sources = logits[drawn], tables.labels[drawn], tables.sources[drawn]
    rows = [{"text": sample.text, "label": sample.label} for sample in samples[:: max(1, len(samples) // 500)]]
    speed = evaluate_injection(rows)
    return {
        "how": "weights as shipped, on sources they never saw"
        if shipped
        else "leave one source out, 120 a source and label",
        **report(scores, labels, sources),
        "p50_ms": speed["p50_ms"],
        "p99_ms": speed["p99_ms"],
    }


if __name__ == "__main__":
    main()
