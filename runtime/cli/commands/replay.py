"""`lictor replay`: judge a message on record again, from what was recorded and nothing else."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.hindsight import Hindsight
from lictor.runtime.cli.commands.policy_simulate import compile_draft
from lictor.runtime.cli.definition_file import DEFAULT
from lictor.runtime.cli.listing import print_rows, require_form
from lictor.runtime.cli.printable import one_line
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.reading import read_plan
from lictor.runtime.cli.recorded import FileOption, StoreOption, open_record, resolve
from lictor.runtime.cli.rejudgement import Rejudgement, rejudge
from lictor.runtime.cli.rescanning import Rescanner
from lictor.runtime.cli.screen import data, print_document, prose

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def replay(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A message's id, or its beginning.")],
    *,
    rejudge_it: Annotated[
        bool, typer.Option("--rejudge", help="Run policy and guards on what was recorded, without effect: the default.")
    ] = True,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="Judge by these rules in the place of the team's own: a folder.")
    ] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="table or json")] = "table",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """Judge a recorded message again; exit 1 when the verdict would be another.

    Nothing is sent and nothing is asked of any model: the policy is asked what it was asked then, and the scanners
    read the body as it was recorded. By the same bundle the verdict is the same.

    Example: lictor replay 0199c3a1b2c3d4e5 --rejudge
    """
    del rejudge_it  # to run a task again, with its models and tools, is another thing and not this command yet
    require_form(output, ("table", "text", "json"))
    hindsight = Hindsight(compile_draft(policy, file) if policy is not None else _compile(file))
    with open_record(store, file) as reader:
        found = reader.messages_with_id(resolve("message", identifier, reader.message_ids))
        asked = reader.message(found[0].in_reply_to) if found[0].in_reply_to else None
    kind, rescanner = asked.kind if asked is not None else "", Rescanner()
    results = [rejudge(message, hindsight, kind, rescanner) for message in found]
    if output == "json":
        documents = [each.document() for each in results]
        listed = {"apiVersion": "lictor/v1", "kind": "RejudgementList", "items": documents}
        print_document(
            listed if len(documents) > 1 else {"apiVersion": "lictor/v1", "kind": "Rejudgement", **documents[0]}
        )
    else:
        for each in results:
            _print(each)
    if not all(each.same for each in results):
        raise typer.Exit(Exit.NO)


def _compile(file: Path | None) -> EmbeddedRego:
    if file is None and not DEFAULT.is_file():
        raise Quit(Exit.USAGE, "there is no team file here, and its data decides too", hint="--file names it")
    plan = read_plan(file or DEFAULT)
    try:
        return EmbeddedRego(load_bundle(plan.policy_data, plan.policies))
    except PolicyError as error:
        raise Quit(Exit.NO, f"the policy cannot be used: {error}") from None


def _print(result: Rejudgement) -> None:
    message, screen = result.message, data()
    route = f"{message.sender} → {message.target}  {message.kind}  {message.method}".rstrip()
    screen.print(f"{message.id}  {one_line(route, 200)}", markup=False, soft_wrap=True)
    by = "the bundle that judged it" if result.same_bundle else f"bundle {result.revision}, judged by {message.bundle}"
    screen.print(
        f"judged again by {by}: {'the same' if result.same else 'ANOTHER'} verdict", markup=False, soft_wrap=True
    )
    print_rows(("LAYER", "THEN", "NOW", "REASON NOW", "WHERE"), [_row(each) for each in result.layers])
    for name in result.unknown:
        prose().print(f"not known: {name} was not recorded", markup=False)
    for note in result.notes:
        prose().print(note, markup=False)


def _row(layer: dict[str, Any]) -> list[str]:
    now = layer["now"] or {}
    place = f"{now['file']}:{now['line']}" if now.get("line") else "-"
    then = layer["then"]["verdict"] if layer["then"] else "not run"
    return [layer["layer"], then, now.get("verdict", "as then"), one_line(now.get("reason", ""), 100) or "-", place]
