"""`lictor audit`: prove that nothing on record was changed."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from lictor.runtime.cli.criteria import read_moment
from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.recorded import FileOption, StoreOption, open_audit, stamp
from lictor.runtime.cli.screen import data, print_document, prose
from lictor.runtime.cli.state import audit_folder
from lictor.runtime.store.audit.auditor import NothingSigned
from lictor.runtime.store.audit.export import LONGEST_LINE, read_head, show_head, verify_export
from lictor.runtime.store.audit.head import Head
from lictor.runtime.store.audit.keeping import read_kept
from lictor.runtime.store.audit.key import BadKey, read_public
from lictor.runtime.store.audit.verify import Report

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Prove that nothing on record was changed: the head of its hash chain, exports, and their verification.",
)

FormOption = Annotated[str, typer.Option("--output", "-o", help="text or json")]
KeyOption = Annotated[
    list[Path] | None, typer.Option("--key", help="A public key that may have signed; default: that of .lictor/audit.")
]


@app.command()
def head(output: FormOption = "text", store: StoreOption = "", file: FileOption = None) -> None:
    """Show the latest signed head. Kept elsewhere, it later proves that the record was not cut back or made anew.

    Example: lictor audit head -o json > head.json
    """
    require_form(output, ("text", "table", "json"))
    with open_audit(store, file) as auditor:
        found = auditor.head()
    if found is None:
        raise Quit(Exit.NO, "nothing on record is signed yet", hint="lictor run and lictor up sign what they record")
    if output == "json":
        print_document({"apiVersion": "lictor/v1", "kind": "AuditHead", "head": show_head(found)})
        return
    screen = data()
    for line in (
        f"link       {found.link}",
        f"chain      {found.chain.hex()}",
        f"signed     {stamp(found.at_ms / 1000)}",
        f"key        {found.key.hex()}",
        f"signature  {found.signature.hex()}",
    ):
        screen.print(line, markup=False, soft_wrap=True)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; - is standard output.")],
    *,
    since: Annotated[str, typer.Option("--since", "--from", help="From then on: 30m, or a time in ISO 8601.")] = "",
    until: Annotated[str, typer.Option("--to", help="Until then, in the same words.")] = "",
    bodies: Annotated[bool, typer.Option(help="With what was said, or only with its hashes.")] = True,
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """Write what is on record to a file that proves itself: `lictor audit verify FILE` needs nothing else.

    It reaches from one signed head to another, so it may hold a little more than was asked for.

    Example: lictor audit export july.jsonl --since 2026-07-01 --to 2026-08-01
    """
    now = time.time()
    begin, end = (read_moment(since, now) if since else 0.0), (read_moment(until, now) if until else None)
    written = 0
    try:
        with open_audit(store, file) as auditor:
            lines = auditor.export(begin, end, bodies=bodies)
            first = next(lines)  # before the file is opened: it may say that there is nothing
            with _writing(target) as write:
                write(first)
                for line in lines:
                    write(line)
                    written += 1
    except NothingSigned as error:
        raise Quit(Exit.NO, str(error)) from None
    except OSError as error:
        raise Quit(Exit.USAGE, f"{target} cannot be written: {error.strerror}") from None
    prose().print(f"{written} entries written to {target}", markup=False)


@app.command()
def verify(
    source: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="An export; default: the record.")] = None,
    *,
    key: KeyOption = None,
    anchor: Annotated[
        list[Path] | None, typer.Option("--anchor", help="A head that was kept elsewhere: `lictor audit head -o json`.")
    ] = None,
    output: FormOption = "text",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """Verify an export, with nothing but the file, or the record in place; exit 1 when anything was changed.

    Example: lictor audit verify july.jsonl --key audit.pub
    """
    require_form(output, ("text", "table", "json"))
    keys, anchors = _read_keys(key, source), [_read_anchor(path) for path in anchor or ()]
    if source is not None:
        report = _verify_file(source, keys, anchors)
    else:
        with open_audit(store, file) as auditor:
            kept = read_kept(audit_folder(Path.cwd()), auditor.place)
            report = auditor.verify(keys, [*anchors, *([kept] if kept is not None else [])])
    if output == "json":
        print_document({"apiVersion": "lictor/v1", "kind": "AuditReport", **_describe(report, known=bool(keys))})
    else:
        _print(report, known=bool(keys))
    if not report.ok:
        raise typer.Exit(Exit.NO)


def _read_keys(paths: list[Path] | None, source: Path | None) -> list[bytes]:
    """Return the keys that may have signed; an export may be another team's, so it is not held to the key here."""
    own = audit_folder(Path.cwd())
    chosen = paths or ([own] if source is None and own.is_dir() else [])
    try:
        return [read_public(path) for path in chosen]
    except BadKey as error:
        if not paths:
            return []
        raise Quit(Exit.USAGE, str(error)) from None


def _read_anchor(path: Path) -> Head:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return read_head(told.get("head", told))
    except (OSError, ValueError, AttributeError) as error:
        raise Quit(Exit.USAGE, f"{path}: this is no head: {error}") from None


def _verify_file(path: Path, keys: list[bytes], anchors: list[Head]) -> Report:
    try:
        with path.open("rb") as lines:
            return verify_export(iter(lambda: lines.readline(LONGEST_LINE), b""), keys, anchors)
    except OSError as error:
        raise Quit(Exit.USAGE, f"{path} cannot be read: {error.strerror}") from None


@contextmanager
def _writing(target: Path) -> Iterator[Any]:
    if str(target) == "-":
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    # What agents said is for the owner alone, in an export as in the record.
    target.touch(mode=0o600)
    with target.open("wb") as file:
        yield file.write


def _describe(report: Report, *, known: bool) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "messages": report.messages,
        "approvals": report.approvals,
        "first": report.first,
        "last": report.last,
        "older": report.before,
        "keys": [key.hex() for key in report.keys],
        "keys_checked": known,
        "head": show_head(report.head) if report.head is not None else None,
        "problems": [{"link": each.link, "what": each.what} for each in report.problems],
    }


def _print(report: Report, *, known: bool) -> None:
    screen = data()
    for each in report.problems:
        screen.print(f"link {each.link}: {each.what}" if each.link else each.what, markup=False, soft_wrap=True)
    told = f"{report.messages} messages and {report.approvals} approvals, links {report.first} to {report.last}"
    if report.head is not None:
        told += f", signed {stamp(report.head.at_ms / 1000)}"
    screen.print(f"{'ok' if report.ok else 'NOT ok'}: {told}", markup=False, soft_wrap=True)
    if report.before:
        screen.print(
            f"{report.before} messages are older than the chain: nothing proves them", markup=False, soft_wrap=True
        )
    for key in report.keys if not known else ():
        prose().print(f"signed by {key.hex()}: compare it with the team's, or give --key", markup=False, soft_wrap=True)
