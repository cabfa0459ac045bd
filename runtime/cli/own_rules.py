"""The rules that a command is about: those of a team's file, of a folder that is named, and the built-in ones."""

from pathlib import Path

from lictor.guardrails.policy.bundle import Module
from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.cli.definition_file import DEFAULT
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.reading import read_plan
from lictor.runtime.cli.rules import find_modules
from lictor.runtime.definition.plan import Plan


def find_plan(file: Path | None) -> Plan | None:
    """Return the plan of the file that is named, else of the one that lies here; None when there is none."""
    if file is not None:
        return read_plan(file)
    return read_plan(DEFAULT) if DEFAULT.is_file() else None


def own_modules(path: Path | None, plan: Plan | None) -> list[Module]:
    """Return the rules at a path, else a team's own, with their tests; raises Quit when one cannot be read."""
    if path is not None:
        paths = [path]
    elif plan is not None:
        folders = {policy.parent for policy in plan.policies}
        tests = [test for folder in sorted(folders) for test in sorted(folder.glob("*_test.rego"))]
        paths = [*plan.policies, *tests]
    else:
        paths = []
    try:
        return [Module(each.path, each.text, user=True) for each in find_modules(paths)]
    except PolicyError as error:
        raise Quit(Exit.NO, str(error)) from error
