import ast
from pathlib import Path

from repository import files, modules, text

LONGEST = 300
CEILING = 400
LONG: dict[str, str] = {}
"""Modules of more than 300 lines, each with the reason."""

UNTESTED: dict[str, str] = {
    "runtime/cli/parts/": "composition: started as processes by tests/scenarios",
    "runtime/cli/commands/": "composition: run as commands by tests/scenarios/test_command_line.py",
    "runtime/cli/team.py": "composition: every scenario runs one",
    "runtime/cli/asking.py": "tests/scenarios/test_command_line.py: answers, refusals and failures",
    "runtime/cli/examination.py": "tests/scenarios/test_command_line.py runs doctor",
    "runtime/cli/following.py": "tests/scenarios/test_command_line.py: a run tells each message",
    "runtime/cli/operating.py": "tests/scenarios/test_command_line.py sends to a team that is up",
    "runtime/cli/reading.py": "tests/scenarios/test_command_line.py: a file with errors",
    "runtime/cli/screen.py": "tests/scenarios/test_command_line.py: every command prints by it",
}
"""Modules and folders without a test of their own name, each with where they are tested."""

VAGUE = {"utils", "util", "helpers", "common", "misc", "manager", "managers"}


def test_no_name_is_a_grab_bag() -> None:
    vague = [name for name in files() if VAGUE & {part.removesuffix(name.suffix) for part in name.parts}]
    assert not vague, "a folder is a role or a contract, a file is one noun"


def test_packages_hold_only_a_docstring() -> None:
    for name in modules():
        if name.name == "__init__.py":
            body = ast.parse(text(name)).body
            assert len(body) == 1, f"{name} holds code"
            assert isinstance(body[0], ast.Expr), f"{name} holds code"


def test_every_folder_of_modules_is_a_package() -> None:
    bare = {name.parent for name in modules() if len(name.parts) > 2 and name.parent / "__init__.py" not in files()}
    assert not bare, "a folder below the top needs an __init__.py with a docstring"


def test_modules_are_short() -> None:
    lengths = {str(name): text(name).count("\n") for name in modules()}
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST and name not in LONG}
    assert not long, f"more than {LONGEST} lines: split it, or give the reason here"
    assert not {name: lines for name, lines in lengths.items() if lines > CEILING}
    assert not [name for name in LONG if lengths.get(name, 0) <= LONGEST], "no longer long: take it off the list"


def test_each_module_has_its_test() -> None:
    known = set(files())
    missing = []
    for name in modules():
        tested = Path("tests") / name.parent / f"test_{name.name}" in known
        assert not (tested and str(name) in UNTESTED), f"{name} has a test: take it off the list"
        excused = any(str(name).startswith(entry) for entry in UNTESTED)
        if not (tested or excused or is_contract(name)):
            missing.append(str(name))
    assert not missing, "each module has tests/<path>/test_<name>.py; an exception needs its reason in this file"


def test_exceptions_are_of_modules_that_exist() -> None:
    names = {str(name) for name in modules()}
    names |= {f"{name.parent}/" for name in modules()}
    assert not (LONG.keys() | UNTESTED.keys()) - names


def is_contract(name: Path) -> bool:
    """Tell whether a module does nothing: values, errors and protocols need no test of their own."""
    functions = [
        node for node in ast.walk(ast.parse(text(name))) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return all(function.name in {"__init__", "__str__"} or is_signature(function) for function in functions)


def is_signature(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function has no body but its docstring."""
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in function.body)


def test_tests_mirror_what_exists() -> None:
    known = set(files())
    roots = {"runtime", "protocols", "guardrails", "agents"}
    stray = [
        name
        for name in known
        if name.parts[0] == "tests"
        and len(name.parts) > 2
        and name.parts[1] in roots
        and name.name.startswith("test_")
        and Path(*name.parts[1:-1], name.name.removeprefix("test_")) not in known
    ]
    assert not stray, "a test is named after the module that it tests"
