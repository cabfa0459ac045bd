"""The labelled texts: what the data folder holds, ordinary text from its other files, and made-up examples."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from injection.synthetic import make_examples

MADE_UP: Final = 2500
"""Made-up attacks, and as many made-up ordinary texts."""
_BORROWED: Final = {"pii": 1, "toxicity": 6, "secrets": 1}
"""Files whose texts are no orders, and how many lines apart they are taken."""


class Sample(NamedTuple):
    """One text, whether it is an attack, and where it comes from."""

    text: str
    label: int
    source: str

    @property
    def family(self) -> str:
        """Sources that share texts count as one: the model has seen them all or none."""
        return self.source.split(":")[0] if self.source.startswith("BIPIA") else self.source


def load_samples(folder: Path) -> list[Sample]:
    """Return the injection texts of a folder, in the order of its files."""
    return [Sample(row["text"], int(row["label"]), str(row["source"])) for row in read_rows(folder, "injection")]


def load_helpers(folder: Path) -> list[Sample]:
    """Return what training may use beside the injection texts: it is never scored."""
    helpers = [Sample(text, label, "made-up") for text, label in make_examples(MADE_UP)]
    for name, step in _BORROWED.items():
        rows = [row for row in read_rows(folder, name) if "readme" not in str(row["source"])]
        helpers += [Sample(row["text"], 0, f"borrowed:{name}") for row in rows[::step]]
    return helpers


def read_rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of every `NAME*.jsonl` of a folder."""
    for file in sorted(folder.glob(f"{name}*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())
