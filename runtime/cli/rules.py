"""The rules of a bundle: what each file says of itself, and what its tests say of it."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import hobofan_regorus
import yaml

from lictor.guardrails.policy.adaptation import SUPPORT, adapt
from lictor.guardrails.policy.bundle import Module, built_in_folder
from lictor.guardrails.policy.embedded_rego import parse
from lictor.guardrails.policy.engine import PolicyError

_PACKAGE: Final = re.compile(r"^package\s+([\w.\[\]\"-]+)", re.MULTILINE)
_METADATA: Final = re.compile(r"^# METADATA\n((?:#.*\n)+)", re.MULTILINE)
_TEST: Final = re.compile(r"^((?:todo_)?test_\w+)", re.MULTILINE)
_SAYS: Final = re.compile(r"^(permit|deny|ask|oblige)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One file of the bundle, by its METADATA."""

    package: str
    title: str
    description: str
    says: tuple[str, ...]
    """Which of `permit`, `deny`, `ask` and `oblige`; nothing for a file that only supports others."""
    file: str
    user: bool
    """Whether it is the team's own."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """What became of one test."""

    name: str
    """`package.test_…`."""
    file: str
    line: int
    passed: bool
    error: str = ""
    """Why it could not be evaluated; empty when it was."""


def read_rule(module: Module) -> Rule:
    """Return what a file says of itself; a file without METADATA has its package for a title."""
    package = package_of(module)
    metadata = metadata_of(module.text)
    return Rule(
        package=package,
        title=str(metadata.get("title") or package.rpartition(".")[2]),
        description=" ".join(str(metadata.get("description", "")).split()),
        says=tuple(sorted(set(_SAYS.findall(module.text)))),
        file=module.path,
        user=module.user,
    )


def metadata_of(text: str) -> dict[str, Any]:
    """Return the first METADATA block of a file; empty when it has none that can be read."""
    found = _METADATA.search(text)
    if found is None:
        return {}
    block = "\n".join(line[1:].removeprefix(" ") for line in found[1].splitlines())
    try:
        told = yaml.safe_load(block)
    except yaml.YAMLError:
        return {}
    return told if isinstance(told, dict) else {}


def find_modules(paths: Iterable[Path]) -> list[Module]:
    """Read the Rego files at paths, folders with all that is in them; raises PolicyError for one that is not there."""
    found: list[Module] = []
    for path in paths:
        files = sorted(path.rglob("*.rego")) if path.is_dir() else [path]
        for file in files:
            try:
                found.append(Module(str(file), file.read_text(encoding="utf-8")))
            except (OSError, UnicodeDecodeError) as error:
                raise PolicyError(f"{file}: cannot be read: {error}") from None
    return found


def built_in_modules(*, tests: bool) -> list[Module]:
    """Read the built-in rules, with or without their tests."""
    root = built_in_folder()
    modules = [
        Module(f"lictor/policies/{Path(each.path).relative_to(root)}", each.text) for each in find_modules([root])
    ]
    return [module for module in modules if tests or not is_test(module)]


def is_test(module: Module) -> bool:
    """Tell whether a file holds tests."""
    return module.path.endswith("_test.rego")


def package_of(module: Module) -> str:
    """Return the dotted name of a file's package; empty when it names none."""
    found = _PACKAGE.search(module.text)
    return found[1] if found else ""


def tests_of(module: Module) -> dict[str, int]:
    """Return the lines of a file's tests by their names."""
    found: dict[str, int] = {}
    for match in _TEST.finditer(module.text):
        found.setdefault(match[1], module.text.count("\n", 0, match.start()) + 1)
    return found


class Bench:
    """The embedded engine with rules and their tests in it, read as it reads them when it decides.

    Raises PolicyError on a broken module.
    """

    def __init__(self, modules: Sequence[Module], *, coverage: bool = False) -> None:
        self._modules = modules
        trees = parse(modules)
        self._engine = hobofan_regorus.Engine()
        self._engine.set_enable_coverage(coverage)
        self._engine.add_policy("lictor/rego.rego", SUPPORT)
        for module in modules:
            built_in = module.path.startswith("lictor/")
            self._engine.add_policy(module.path, adapt(module.text, trees[module.path], built_in=built_in))
        self._engine.add_data_json('{"lictor": {}}')  # else the engine knows no package that lies in it
        self._engine.set_input_json("{}")

    def run(self) -> Iterator[TestResult]:
        """Evaluate every `test_…`; a test passes when it is true."""
        for module in self._modules:
            for test, line in tests_of(module).items():
                yield _run(self._engine, module, test, line)

    def covered(self) -> dict[str, tuple[frozenset[int], frozenset[int]]]:
        """Return, for each file, the lines that were evaluated and those that were not."""
        report = json.loads(self._engine.get_coverage_report_as_json())
        return {each["path"]: (frozenset(each["covered"]), frozenset(each["not_covered"])) for each in report["files"]}


def run_tests(modules: Sequence[Module]) -> Iterator[TestResult]:
    """Evaluate every `test_…` of the modules in the embedded engine. Raises PolicyError on a broken module."""
    return Bench(modules).run()


def _run(engine: hobofan_regorus.Engine, module: Module, test: str, line: int) -> TestResult:
    name = f"{package_of(module)}.{test}"
    try:
        value = engine.eval_rule_as_json(f"data.{name}")
    except Exception as error:
        return TestResult(name, module.path, line, passed=False, error=_told(error))
    return TestResult(name, module.path, line, passed=value == "true")


def _told(error: Exception) -> str:
    return " ".join(str(error).partition("Stack backtrace")[0].split())[:300]
