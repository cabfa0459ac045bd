"""Which lines of the rules their tests evaluate: as OPA counts, or the embedded engine where there is no OPA."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lictor.guardrails.policy.bundle import Module
from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.cli.opa import run_opa
from lictor.runtime.cli.rules import Bench, is_test


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """What the tests evaluate of one file."""

    file: str
    covered: tuple[int, ...]
    missed: tuple[int, ...]
    """Lines that no test evaluates."""

    @property
    def share(self) -> float:
        """Part of the lines that are evaluated, 0 to 1; 1 for a file without rules."""
        every = len(self.covered) + len(self.missed)
        return len(self.covered) / every if every else 1.0


def cover(modules: Sequence[Module], opa: str | None) -> list[FileCoverage]:
    """Return the coverage of every file that holds no tests; raises PolicyError when the tests cannot be run."""
    lines = _by_opa(modules, opa) if opa is not None else _by_embedded(modules)
    empty: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
    found = []
    for module in modules:
        if not is_test(module):
            covered, missed = lines.get(module.path, empty)
            found.append(FileCoverage(module.path, tuple(sorted(covered)), tuple(sorted(missed - covered))))
    return found


def total(files: Sequence[FileCoverage]) -> float:
    """Return the share of all lines together."""
    covered = sum(len(each.covered) for each in files)
    every = covered + sum(len(each.missed) for each in files)
    return covered / every if every else 1.0


def _by_embedded(modules: Sequence[Module]) -> dict[str, tuple[frozenset[int], frozenset[int]]]:
    bench = Bench(modules, coverage=True)
    for _ in bench.run():
        pass
    return bench.covered()


def _by_opa(modules: Sequence[Module], opa: str) -> dict[str, tuple[frozenset[int], frozenset[int]]]:
    with TemporaryDirectory() as folder:
        names = {}
        for number, module in enumerate(modules):
            path = Path(folder, f"{number}{'_test' if is_test(module) else ''}.rego")
            path.write_text(module.text, encoding="utf-8")
            names[str(path)] = module.path
        told = run_opa(opa, ["test", "--coverage", "--format", "json", folder])
    try:
        report = json.loads(told.stdout)["files"]
    except (ValueError, KeyError):
        raise PolicyError(f"opa test: {' '.join((told.stderr or told.stdout).split())[:600]}") from None
    return {
        names[path]: (_lines(each.get("covered", ())), _lines(each.get("not_covered", ())))
        for path, each in report.items()
        if path in names
    }


def _lines(ranges: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    return frozenset(row for each in ranges for row in range(each["start"]["row"], each["end"]["row"] + 1))
