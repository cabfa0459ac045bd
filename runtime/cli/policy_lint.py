"""What is wrong with a bundle beyond what stops it: what a rule says of itself, its tests, and what OPA says of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from lictor.guardrails.policy.bundle import Module
from lictor.runtime.cli.opa import run_opa
from lictor.runtime.cli.rules import is_test, metadata_of, package_of, tests_of

_PLACE: Final = re.compile(r"(?P<file>\S+?\.rego):(?P<line>\d+): (?P<text>.*)")
_LIBRARY: Final = "lictor.main"
"""What is not a rule but collects them; its tests stand in one file."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing to mend."""

    file: str
    line: int
    text: str
    by: str
    """`lictor` or `opa`."""

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def find_flaws(modules: Sequence[Module], opa: str | None) -> list[Flaw]:
    """Return the flaws of rules and their tests, in the order of files; OPA is asked where there is one."""
    found = [*_of_description(modules), *_of_tests(modules), *(_of_opa(modules, opa) if opa is not None else ())]
    return sorted(found, key=lambda flaw: (flaw.file, flaw.line, flaw.text))


def _of_description(modules: Iterable[Module]) -> Iterator[Flaw]:
    for module in modules:
        if is_test(module) or (package_of(module) == _LIBRARY and "scope: document" in module.text):
            continue
        metadata = metadata_of(module.text)
        for key, what in (("title", "a title"), ("description", "a description")):
            if not metadata.get(key):
                yield Flaw(module.path, 1, f"its METADATA lacks {what}: write `# METADATA` and `# {key}: …`", "lictor")


def _of_tests(modules: Sequence[Module]) -> Iterator[Flaw]:
    tests = [module for module in modules if is_test(module) and tests_of(module)]
    for module in modules:
        package = package_of(module)
        if is_test(module) or package == _LIBRARY:
            continue
        named = re.compile(rf"\bdata\.{re.escape(package)}\b")
        if not any(package_of(test) in {package, f"{package}_test"} or named.search(test.text) for test in tests):
            path = module.path.removesuffix(".rego")
            yield Flaw(
                module.path, 1, f"no test reads it: write {path}_test.rego with a rule `test_… if {{ … }}`", "lictor"
            )


def _of_opa(modules: Sequence[Module], opa: str) -> Iterator[Flaw]:
    with TemporaryDirectory() as folder:
        names = {}
        for number, module in enumerate(modules):
            path = Path(folder, f"{number}.rego")
            path.write_text(module.text, encoding="utf-8")
            names[str(path)] = module.path
        told = run_opa(opa, ["check", "--strict", "--max-errors", "100", folder])
    if told.returncode == 0:
        return
    placed = False
    for line in (told.stdout + told.stderr).splitlines():
        if match := _PLACE.search(line):
            placed = True
            yield Flaw(names.get(match["file"], match["file"]), int(match["line"]), match["text"], "opa")
    if not placed:
        yield Flaw("", 0, " ".join((told.stdout + told.stderr).split())[:300], "opa")
