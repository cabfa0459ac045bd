"""`lictor doctor`: check this machine and this folder."""

from typing import Annotated

import typer

from lictor.runtime.cli.examination import examine
from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.quit import Exit
from lictor.runtime.cli.screen import data, print_list

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


@app.command()
def doctor(output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text") -> None:
    """Check what Lictor needs on this machine and in this folder; exit code 1 when something is missing."""
    require_form(output, ("text", "json"))
    findings = examine()
    if output == "json":
        rows = [{"what": each.what, "state": each.state, "found": each.found, "fix": each.fix} for each in findings]
        print_list("Examination", rows)
    else:
        for each in findings:
            data().print(f"{_MARKS[each.state]}  {each.what:<22} {each.found}", markup=False)
            if each.fix:
                data().print(f"      {'':<22} → {each.fix}", markup=False)
    if any(each.state == "fail" for each in findings):
        raise typer.Exit(Exit.NO)
