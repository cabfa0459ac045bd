"""The rules of a bundle: what each file says of itself, and what its tests say of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import hobofan_regorus
import yaml

from lictor.guardrails.policy.bundle import Module, built_in_folder
from lictor.guardrails.policy.engine import PolicyError

_PACKAGE: Final = re.compile(r"^package\s+([\w.\[\]\"-]+)", re.MULTILINE)
_METADATA: Final = re.compile(r"^# METADATA\n((?:#.*\n)+)", re.MULTILINE)
_TEST: Final = re.compile(r"^((?:todo_)?test_\w+)", re.MULTILINE)
_IMPORT: Final = re.compile(r"^import data\.(?:\w+\.)*(\w+)$", re.MULTILINE)
"""An import by its last name, which regorus 0.2.5 does not know; with that name spelt out, it does."""
_SAYS: Final = re.compile(r"^(permit|deny)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One file of the bundle, by its METADATA."""

    package: str
    title: str
    description: str
    says: tuple[str, ...]
    """`permit`, `deny`, both, or neither for a file that only supports others."""
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
    package = _package_of(module)
    metadata = _metadata_of(module.text)
    return Rule(
        package=package,
        title=str(metadata.get("title") or package.rpartition(".")[2]),
        description=" ".join(str(metadata.get("description", "")).split()),
        says=tuple(sorted(set(_SAYS.findall(module.text)))),
        file=module.path,
        user=module.user,
    )


def _package_of(module: Module) -> str:
    found = _PACKAGE.search(module.text)
    return found[1] if found else ""


def _metadata_of(text: str) -> dict[str, Any]:
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
    return [module for module in modules if tests or not module.path.endswith("_test.rego")]


def run_tests(modules: Sequence[Module]) -> Iterator[TestResult]:
    """Evaluate every `test_…` of the modules; a test passes when it is true. Raises PolicyError on a broken module."""
    engine = hobofan_regorus.Engine()
    for module in modules:
        try:
            engine.add_policy(module.path, _IMPORT.sub(r"\g<0> as \1", module.text))
        except Exception as error:
            raise PolicyError(_told(error) or f"{module.path}: does not compile") from None
    engine.add_data_json('{"lictor": {}}')  # without the document, the engine knows no package that lies in it
    engine.set_input_json("{}")
    for module in modules:
        seen: set[str] = set()
        for match in _TEST.finditer(module.text):
            if match[1] not in seen:
                seen.add(match[1])
                line = module.text.count("\n", 0, match.start()) + 1
                yield _run(engine, module, match[1], line)


def _run(engine: hobofan_regorus.Engine, module: Module, test: str, line: int) -> TestResult:
    name = f"{_package_of(module)}.{test}"
    try:
        value = engine.eval_rule_as_json(f"data.{name}")
    except Exception as error:
        return TestResult(name, module.path, line, passed=False, error=_told(error))
    return TestResult(name, module.path, line, passed=value == "true")


def _told(error: Exception) -> str:
    return " ".join(str(error).partition("Stack backtrace")[0].split())[:300]
