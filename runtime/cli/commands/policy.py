"""`lictor policy`: the rules, what they said, their tests, and which of them decide."""

from typing import Final

import typer

from lictor.runtime.cli.commands.policy_active import activate, show_difference
from lictor.runtime.cli.commands.policy_check import check_rules, format_rules
from lictor.runtime.cli.commands.policy_explain import explain
from lictor.runtime.cli.commands.policy_list import list_rules
from lictor.runtime.cli.commands.policy_simulate import shadow_app, simulate_draft
from lictor.runtime.cli.commands.policy_test import try_rules
from lictor.runtime.cli.noun import HINT, Noun

_HELP: Final = f"The policy: explain a verdict, check rules, test them, have them decide. {HINT}."

app = typer.Typer(cls=Noun, add_completion=False, rich_markup_mode=None, help=_HELP)
app.command("list")(list_rules)
app.command("explain")(explain)
app.command("test")(try_rules)
app.command("check")(check_rules)
app.command("fmt")(format_rules)
app.command("diff")(show_difference)
app.command("activate")(activate)
app.command("simulate")(simulate_draft)
app.add_typer(shadow_app, name="shadow")
