"""`lictor policy check` and `fmt`: whether rules may be used, and how they are laid out."""

from pathlib import Path
from typing import Annotated

import typer

from lictor.guardrails.policy.bundle import Module, compose_bundle
from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.opa import HINT, VERSION, find_opa, run_opa
from lictor.runtime.cli.own_rules import find_plan, own_modules
from lictor.runtime.cli.policy_lint import Flaw, find_flaws
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.recorded import FileOption
from lictor.runtime.cli.rules import built_in_modules, is_test
from lictor.runtime.cli.screen import data, print_document, prose
from lictor.runtime.definition.plan import Plan
from lictor.runtime.enforcer.policy_trial import try_out_apart

PathArgument = Annotated[Path | None, typer.Argument(help="Your rules: a Rego file, or a folder.")]


def check_rules(
    path: PathArgument = None,
    output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text",
    file: FileOption = None,
) -> None:
    """Check your rules as the enforcer will, and as a reviewer would.

    They have to compile, to deny by default, to keep to what every engine reads alike and to answer in time; each has
    a title, a description and a test. OPA is asked too where it is installed.

    Exit 1 when something is to be mended.

    Example: lictor policy check policies/
    """
    require_form(output, ("table", "text", "json"))
    plan = find_plan(file) if path is None or file is not None else None
    own = own_modules(path, plan)
    opa = find_opa()
    built_in = built_in_modules(tests=path is None and not own)
    flaws = _of_bundle(
        [*(each for each in built_in if not is_test(each)), *(each for each in own if not is_test(each))], plan
    )
    if not flaws:
        judged = {each.path for each in (own or built_in)}
        flaws = [flaw for flaw in find_flaws([*built_in, *own], opa) if flaw.file in judged or not flaw.file]
    engines = ["embedded", *([f"opa {VERSION}"] if opa is not None else [])]
    if output == "json":
        print_document(
            {
                "apiVersion": "lictor/v1",
                "kind": "PolicyCheck",
                "ok": not flaws,
                "engines": engines,
                "problems": [flaw.document() for flaw in flaws],
            }
        )
    else:
        for flaw in flaws:
            place = f"{flaw.file}:{flaw.line}: " if flaw.line else ""
            data().print(f"{place}{flaw.text}", markup=False)
        count = len([each for each in (own or built_in) if not is_test(each)])
        told = "no problems" if not flaws else f"{len(flaws)} to mend"
        prose().print(f"{count} files, {told}; checked by {' and '.join(engines)}{'' if opa else ' alone: ' + HINT}")
    if flaws:
        raise typer.Exit(Exit.NO)


def format_rules(
    path: PathArgument = None,
    file: FileOption = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 when something would.")] = False,
) -> None:
    """Lay your rules out as `opa fmt` does, and print which files it changed.

    Example: lictor policy fmt policies/ --check
    """
    opa = find_opa()
    if opa is None:
        raise Quit(Exit.UNREACHABLE, "rules are laid out by opa, which is not here", hint=HINT)
    own = [Path(each.path) for each in own_modules(path, find_plan(file) if path is None else None)]
    if not own:
        raise Quit(Exit.USAGE, "there are no rules of your own here", hint="name a file or a folder")
    told = run_opa(opa, ["fmt", "--list", *map(str, own)])
    if told.returncode == 0 and not check:  # with --list, --write would write nothing
        written = run_opa(opa, ["fmt", "--write", *map(str, own)])
        told = told if written.returncode == 0 else written
    if told.returncode != 0:
        raise Quit(Exit.NO, " ".join(told.stderr.split())[:600])
    changed = told.stdout.split("\n")[:-1]
    for name in changed:
        data().print(name, markup=False)
    prose().print(f"{len(changed)} of {len(own)} files {'would be' if check else 'were'} laid out anew")
    if check and changed:
        raise typer.Exit(Exit.NO)


def _of_bundle(modules: list[Module], plan: Plan | None) -> list[Flaw]:
    try:
        try_out_apart(compose_bundle(plan.policy_data if plan is not None else {}, modules))
    except PolicyError as error:
        place, _, rest = str(error).partition(": ")
        name, _, line = place.rpartition(":")
        if name and line.isdigit():
            return [Flaw(name, int(line), rest, "lictor")]
        return [Flaw("", 0, str(error), "lictor")]
    return []
