"""`lictor approvals`: what waits for a person."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from lictor.protocols.mesh import Mesh
from lictor.runtime.cli import approving
from lictor.runtime.cli.acting import ActFailed
from lictor.runtime.cli.approving import card, left, place, what, written
from lictor.runtime.cli.decided import change, recorded, story, without_moment
from lictor.runtime.cli.listing import Columns, print_items, require_form
from lictor.runtime.cli.noun import HINT, Noun
from lictor.runtime.cli.operating import any_team, operate
from lictor.runtime.cli.printable import indented, one_line
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.recorded import SHORT, FileOption, OutputOption, StoreOption, clock, open_record, resolve, stamp
from lictor.runtime.cli.screen import data, print_document, prose

app = typer.Typer(
    cls=Noun,
    add_completion=False,
    rich_markup_mode=None,
    help=f"What waits for a person, and what became of it. {HINT}: lictor approvals list --help",
)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="An approval's id, or its beginning.")]
DigestOption = Annotated[
    str, typer.Option(help="Digest of the action as you saw it, or its beginning: anything else is not decided on.")
]
ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Why; recorded, and told to who asks.")]
FormOption = Annotated[str, typer.Option("--output", "-o", help="text or json")]

_STATES: Final = ("pending", "approved", "denied", "expired", "all")
_WAITING: Final[Columns] = (
    ("APPROVAL", lambda item: item["id"][:SHORT]),
    ("LEFT", left),
    ("FROM", lambda item: one_line(item["from"], 40)),
    ("TO", lambda item: one_line(item["to"], 40)),
    ("WHAT", what),
    ("LABELS", lambda item: ",".join(item["labels"]) or "-"),
    ("RULE", lambda item: one_line(place(item), 60)),
)
_RECORDED: Final[Columns] = (
    ("APPROVAL", lambda item: item["id"][:SHORT]),
    ("AT", lambda item: clock(item["moment"])),
    ("STATE", lambda item: item["state"]),
    ("BY", lambda item: item["by"] or "-"),
    ("FROM", lambda item: one_line(item["from"], 40)),
    ("WHAT", what),
    ("NOTE", lambda item: one_line(item["note"], 60)),
)
_PAUSE: Final = 0.3
_MARGIN: Final = 11
_FEWEST_OF_DIGEST: Final = 8


@app.command("list")
def list_approvals(
    state: Annotated[str, typer.Option(help="pending, or of the record: approved, denied, expired, all.")] = "pending",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Of the record, the latest so many.")] = 50,
    output: OutputOption = "table",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """List what waits, what expires first on top; --state lists what became of others.

    Example: lictor approvals
    """
    require_form(output)
    if state not in _STATES:
        raise Quit(Exit.USAGE, f"--state {state}: it is one of {', '.join(_STATES)}")
    if state == "pending":
        items = _with_team(approving.waiting)
        print_items("ApprovalList", [_stamped(item) for item in items], _WAITING, output)
        return
    with open_record(store, file) as reader:
        found = reader.approvals("" if state == "all" else state, limit)
    items = [recorded(approval) for approval in found]
    if output != "table":
        items = [without_moment(item) for item in items]
    print_items("ApprovalList", items, _RECORDED, output)


@app.command()
def show(identifier: IdArgument, output: FormOption = "text", store: StoreOption = "", file: FileOption = None) -> None:
    """Show one: the whole action, who asks, the rule that asks, where its labels come from; or what became of it.

    Example: lictor approvals show 0199c3a1
    """
    require_form(output, ("text", "table", "json"))
    try:
        item = _with_team(lambda mesh: _shown(mesh, identifier))
    except Quit as reason:
        if reason.exit_code is not Exit.UNREACHABLE and not isinstance(reason, ActFailed):
            raise
        _show_recorded(identifier, output, store, file)
        return
    if output == "json":
        told = _stamped(item)
        message = {"messageKind": told.pop("kind")} if "kind" in told else {}
        print_document({"apiVersion": "lictor/v1", "kind": "Approval", **message, **told})
        return
    for line in card(item):
        data().print(line, markup=False)


@app.command()
def approve(
    identifier: IdArgument,
    *,
    digest: DigestOption = "",
    edit: Annotated[str, typer.Option(help="Arguments in place of all others: a JSON object, or its file.")] = "",
    reason: ReasonOption = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not show it and ask first.")] = False,
    output: FormOption = "text",
) -> None:
    """Approve one, as it is or with other arguments, which are judged anew before anything happens.

    On a terminal it is shown, and you are asked. Example: lictor approvals approve 0199c3a1 --reason "called them"
    """
    require_form(output, ("text", "json"))
    arguments = _edited(edit) if edit else None
    asks = not yes and not digest and output == "text" and sys.stdin.isatty()

    async def perform(mesh: Mesh) -> dict[str, Any]:
        item = await _shown(mesh, identifier)
        _require_digest(item, digest)
        if asks and not await asyncio.to_thread(_confirmed, item, arguments):
            raise Quit(Exit.NO, "nothing was decided", hint=f"lictor approvals deny {item['id'][:SHORT]}")
        return await approving.approve(mesh, item["id"], item["digest"], note=reason, arguments=arguments)

    _tell(_with_team(perform), output)


@app.command()
def deny(
    identifier: IdArgument, digest: DigestOption = "", reason: ReasonOption = "", output: FormOption = "text"
) -> None:
    """Deny one: its sender is told, with your reason.

    Example: lictor approvals deny 0199c3a1 --reason "not this account"
    """
    require_form(output, ("text", "json"))

    async def perform(mesh: Mesh) -> dict[str, Any]:
        item = await _shown(mesh, identifier)
        _require_digest(item, digest)
        return await approving.deny(mesh, item["id"], item["digest"], note=reason)

    _tell(_with_team(perform), output)


@app.command()
def watch(output: FormOption = "text", store: StoreOption = "", file: FileOption = None) -> None:
    """Tell everything that comes to wait, and what becomes of it, until Ctrl-C.

    Example: lictor approvals watch -o json
    """
    require_form(output, ("text", "json"))
    with open_record(store, file) as reader:
        seen = {approval.id: approval.at for approval in reader.approvals(limit=500) if approval.state != "pending"}
        while True:
            for approval in reader.approvals(limit=500):
                if seen.get(approval.id) != approval.at:
                    seen[approval.id] = approval.at
                    _tell_change(recorded(approval), output)
            sys.stdout.flush()
            time.sleep(_PAUSE)


def _with_team(perform: Callable[[Mesh], Awaitable[Any]]) -> Any:  # noqa: ANN401 -- whatever it returns
    async def connected() -> Any:  # noqa: ANN401 -- whatever it returns
        async with operate(any_team()) as (mesh, _state):
            return await perform(mesh)

    return asyncio.run(connected())


async def _shown(mesh: Mesh, beginning: str) -> dict[str, Any]:
    found = [] if len(beginning) == 32 else await approving.waiting_ids(mesh, beginning)
    if len(found) > 1:
        listed = ", ".join(found[:3])
        raise Quit(
            Exit.USAGE, f"more than one approval begins with {beginning!r}: {listed}", hint="give more of the id"
        )
    return await approving.shown(mesh, found[0] if found else beginning)


def _require_digest(item: dict[str, Any], digest: str) -> None:
    """Refuse when the action is another one than its approver saw."""
    if not digest:
        return
    if len(digest) < _FEWEST_OF_DIGEST:
        raise Quit(Exit.USAGE, f"{digest!r} is too short: give at least {_FEWEST_OF_DIGEST} characters of the digest")
    if item["digest"].startswith(digest):
        return
    seen = next((change for change in item["changes"] if change["digest"].startswith(digest)), None)
    changed = (
        f": {seen['by']} has edited the arguments from {written(seen['arguments'])} to {written(item['arguments'])}"
        if seen is not None
        else ""
    )
    raise Quit(
        Exit.NO,
        f"approval {item['id']} is for another action than the one with digest {digest}{changed}",
        hint=f"lictor approvals show {item['id'][:SHORT]}",
    )


def _edited(text: str) -> dict[str, Any]:
    if not text.lstrip().startswith("{"):
        try:
            text = Path(text).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Quit(Exit.USAGE, f"--edit {text}: it is neither a JSON object nor a file: {error}") from None
    try:
        found = msgspec.json.decode(text)
    except msgspec.MsgspecError as error:
        raise Quit(Exit.USAGE, f"--edit: the arguments are not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Quit(Exit.USAGE, "--edit: the arguments of a tool call are a JSON object")
    return found


def _confirmed(item: dict[str, Any], arguments: dict[str, Any] | None) -> bool:
    screen = prose()
    for line in card(item):
        screen.print(line, markup=False)
    if arguments is not None:
        screen.print(indented(f"instead    {written(arguments)}", _MARGIN), markup=False)
    sys.stderr.write("approve it? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _tell(answer: dict[str, Any], output: str) -> None:
    refused = answer["state"] == "approved" and not answer["delivered"]
    if output == "json":
        print_document({"apiVersion": "lictor/v1", "kind": "Decision", **answer})
        raise typer.Exit(Exit.REFUSED if refused else Exit.DONE)
    identifier, message = answer["approval"], answer.get("message", "")
    if refused:
        said = f"approved, but not delivered: {answer['reason']}"
        raise Quit(Exit.REFUSED, said, message_id=message, hint=f"lictor policy explain {message}")
    if answer["state"] == "pending":
        said = f"noted; it goes on waiting: {answer['reason']}"
    elif answer["state"] == "approved":
        said = f"approved{' with your arguments' if answer['edited'] else ''}; delivered as message {message}"
    else:
        said = f"denied; the sender of message {message} is told"
    data().print(f"{identifier[:SHORT]}  {said}", markup=False)


def _stamped(item: dict[str, Any]) -> dict[str, Any]:
    changes = [change | {"at": stamp(change["at"])} for change in item["changes"]]
    return item | {"since": stamp(item["since"]), "until": stamp(item["until"]), "changes": changes}


def _show_recorded(beginning: str, output: str, store: str, file: Path | None) -> None:
    with open_record(store, file) as reader:
        states = reader.approval_states(resolve("approval", beginning, reader.approval_ids))
    items = [recorded(state) for state in states]
    if output == "json":
        plain = [without_moment(item) for item in items]
        print_document({"apiVersion": "lictor/v1", "kind": "Approval", **plain[-1], "states": plain})
        return
    for line in story(items):
        data().print(line, markup=False)


def _tell_change(item: dict[str, Any], output: str) -> None:
    if output == "json":
        print_document(without_moment(item))
    else:
        data().print(change(item), markup=False)
