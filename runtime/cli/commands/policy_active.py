"""`lictor policy diff` and `activate`: the bundle that decides in the running team, and another in its place."""

import asyncio
from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from lictor.runtime.cli.acting import act
from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.operating import any_team, operate
from lictor.runtime.cli.own_rules import find_plan, own_modules
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.recorded import FileOption
from lictor.runtime.cli.rules import is_test
from lictor.runtime.cli.screen import data, print_document, prose

_EXITS: Final = {"policy.refused": Exit.NO, "policy.stale": Exit.NO, "policy.arguments": Exit.USAGE}
PathArgument = Annotated[Path | None, typer.Argument(help="Your rules: a Rego file, or a folder.")]
FormOption = Annotated[str, typer.Option("--output", "-o", help="text or json")]


def show_difference(path: PathArgument = None, output: FormOption = "text", file: FileOption = None) -> None:
    """Compare your rules with those that decide in the running team; exit 1 when they differ.

    Example: lictor policy diff policies/
    """
    require_form(output, ("table", "text", "json"))
    active = asyncio.run(_call("policy.show", {}))
    changes = _compare({each["path"]: each["text"] for each in active["modules"]}, _texts(path, file))
    if output == "json":
        print_document(
            {"apiVersion": "lictor/v1", "kind": "PolicyDiff", "revision": active["revision"], "files": changes}
        )
    else:
        for change in changes:
            data().print("".join(change["diff"]).rstrip("\n"), markup=False)
        said = "nothing differs from" if not changes else f"{len(changes)} files differ from"
        prose().print(f"{said} bundle {active['revision']}, which decides")
    if changes:
        raise typer.Exit(Exit.NO)


def activate(path: PathArgument = None, output: FormOption = "text", file: FileOption = None) -> None:
    """Have your rules decide in the running team from its next message on; no message is lost or waits.

    The enforcer compiles them and tries them out first, and keeps what it has when they are refused. A team that is
    started anew reads its file again: have the file name these rules too.

    Example: lictor policy activate policies/
    """
    require_form(output, ("table", "text", "json"))
    texts = _texts(path, file)
    sent = [{"path": name, "text": text} for name, text in texts.items()]
    told = asyncio.run(_call("policy.activate", {"modules": sent}))
    if output == "json":
        print_document({"apiVersion": "lictor/v1", "kind": "PolicyActivation", **told})
    elif told["before"] == told["after"]:
        prose().print(f"bundle {told['after']} decides, as before")
    else:
        data().print(f"{told['before']} → {told['after']}", markup=False)
        prose().print(f"{len(sent)} files of yours decide from the next message on")


def _texts(path: Path | None, file: Path | None) -> dict[str, str]:
    plan = None if path is not None else find_plan(file)
    if path is None and plan is None:
        raise Quit(Exit.USAGE, "there is no team file here", hint="name a folder of rules, or --file")
    return {each.path: each.text for each in own_modules(path, plan) if not is_test(each)}


def _compare(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    for name in sorted({*before, *after}):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            lines = unified_diff(old.splitlines(True), new.splitlines(True), f"active/{name}", name)
            found.append({"file": name, "diff": list(lines)})
    return found


async def _call(operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    async with operate(any_team()) as (mesh, _):
        return await act(mesh, operation, arguments, _EXITS)
