"""Train the injection model on all of a data folder and write its weights: `python benchmarks/injection/train.py`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from injection.corpus import load_helpers, load_samples
from injection.fitting import fit, tabulate
from injection.judging import draw, report, score_unseen, threshold

TARGET: Final = Path(__file__).parents[2] / "guardrails" / "content" / "injection" / "weights.npz"
_AT_1_PERCENT: Final = 0.8
_AT_5_PERCENT: Final = 0.5
"""Scores that the ordinary texts of sources left out exceed that often: what a threshold means."""


def main() -> None:
    """Fit, calibrate on sources left out, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / ".." / "shared" / "data")
    parser.add_argument("--out", type=Path, default=TARGET)
    options = parser.parse_args()
    samples = load_samples(options.data)
    tables = tabulate([*samples, *load_helpers(options.data)])
    scored = np.arange(len(tables.labels)) < len(samples)
    logits, _ = score_unseen(tables, scored)
    drawn = draw(tables, scored)
    labels, sources = tables.labels[drawn], tables.sources[drawn]
    print(json.dumps(report(logits[drawn], labels, sources), indent=2))
    high, low = threshold(logits[drawn], labels, 0.01), threshold(logits[drawn], labels, 0.05)
    rise = np.log(_AT_1_PERCENT / (1 - _AT_1_PERCENT)) - np.log(_AT_5_PERCENT / (1 - _AT_5_PERCENT))
    slope = float(rise / (high - low))
    model = fit(tables, np.ones(len(tables.labels), bool))
    scale = float(np.abs(model.ngrams.weights).max() / 127)
    numbers = [model.signs.bias, model.ngrams.bias, *model.mix, slope, -slope * low]
    np.savez_compressed(
        options.out,
        signs=model.signs.weights.astype(np.float32),
        ngrams=np.round(model.ngrams.weights / scale).astype(np.int8),
        ngram_scale=np.float32(scale),
        numbers=np.array(numbers, np.float64),
        sources=np.array(sorted({sample.source for sample in samples})),
    )
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
