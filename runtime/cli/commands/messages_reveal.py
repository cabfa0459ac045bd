"""`lictor messages reveal`: open what was redacted of a message, for who holds the key, on record."""

import asyncio
import hashlib
from pathlib import Path
from typing import Annotated

import typer

from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.printable import indented
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.recorded import FileOption, StoreOption, open_record, resolve
from lictor.runtime.cli.screen import data, print_document
from lictor.runtime.cli.state import seal_file

_MARGIN = 10


def reveal(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A message's id, or its beginning.")],
    *,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why; recorded with who asked.")] = "",
    key: Annotated[Path | None, typer.Option("--key", help="The key it is sealed with; default: the team's.")] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """Show what was redacted of a message. The team that runs here records who asked and why, before anything is shown.

    Example: lictor messages reveal 0199c3a1b2c3d4e5 --reason "ticket 4711"
    """
    from lictor.guardrails.content.redact import restore  # noqa: PLC0415 -- the scanners take a while to load
    from lictor.guardrails.content.sealing import SealBroken, unseal  # noqa: PLC0415
    from lictor.runtime.store.audit.key import BadKey, read_secret  # noqa: PLC0415

    require_form(output, ("text", "table", "json"))
    if not reason.strip():
        raise Quit(Exit.USAGE, "revealing needs a reason, which is recorded", hint="--reason TEXT")
    with open_record(store, file) as reader:
        found = [m for m in reader.messages_with_id(resolve("message", identifier, reader.message_ids)) if m.sealed]
    if not found:
        raise Quit(Exit.NO, "nothing was redacted of this message, or nothing of it was kept")
    message = found[-1]
    try:
        secret = read_secret(key or seal_file(Path.cwd()))
    except BadKey as error:
        raise Quit(Exit.NOT_ALLOWED, str(error)) from None
    granted = asyncio.run(_ask(message.id, reason))
    try:
        removed = unseal(message.sealed, secret)
    except SealBroken as error:
        raise Quit(
            Exit.NO, f"{error}: another key than the one it was sealed with, or the record was changed"
        ) from None
    restored = restore(message.body, removed)
    exact = hashlib.sha256(restored).hexdigest() == message.digest
    body = restored.decode("utf-8", "replace")
    if output == "json":
        values = [{"class": kind, "value": value} for kind, value in removed]
        told = {"message": message.id, "recorded_as": granted, "removed": values, "body": body, "exact": exact}
        print_document({"apiVersion": "lictor/v1", "kind": "Revelation", **told})
        return
    screen = data()
    for kind, value in removed:
        screen.print(indented(f"‹{kind}›  {value}", _MARGIN), markup=False)
    screen.print(indented(f"body      {body}", _MARGIN), markup=False)
    screen.print(
        f"exact     {'yes: its SHA-256 is that of what was sent' if exact else 'no: not byte for byte'}", markup=False
    )
    screen.print(f"recorded  as {granted}", markup=False)


async def _ask(message: str, reason: str) -> str:
    from lictor.runtime.cli.acting import act  # noqa: PLC0415 -- connects: only this needs a team that runs
    from lictor.runtime.cli.operating import any_team, operate  # noqa: PLC0415

    async with operate(any_team()) as (mesh, _):
        answer = await act(mesh, "messages.reveal", {"id": message, "reason": reason})
    return str(answer.get("recorded_as", ""))
