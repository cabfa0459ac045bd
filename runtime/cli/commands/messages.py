"""`lictor messages`: the messages on record, delivered or not."""

import base64
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from lictor.runtime.cli.ancestry import describe_chain, find_lineage, tell_chain
from lictor.runtime.cli.commands.messages_reveal import reveal
from lictor.runtime.cli.criteria import read_criteria
from lictor.runtime.cli.listing import Columns, print_items, require_form, style_of
from lictor.runtime.cli.narrate import describe
from lictor.runtime.cli.noun import HINT, Noun
from lictor.runtime.cli.printable import indented, one_line
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.recorded import SHORT, FileOption, OutputOption, StoreOption, clock, open_record, resolve, stamp
from lictor.runtime.cli.screen import data, print_document, print_list
from lictor.runtime.store.lineage import Chain
from lictor.runtime.store.reader import Reader
from lictor.runtime.store.results import Message, MessageFilter, Verdict

app = typer.Typer(
    cls=Noun,
    add_completion=False,
    rich_markup_mode=None,
    help=f"The messages on record, delivered or not. {HINT}: lictor messages list --help",
)

app.command()(reveal)

_COLUMNS: Final[Columns] = (
    ("MESSAGE", lambda item: item["id"][:SHORT]),
    ("AT", lambda item: clock(item["moment"])),
    ("FROM", lambda item: one_line(item["from"], 40)),
    ("TO", lambda item: one_line(item["to"], 40)),
    ("KIND", lambda item: item["kind"]),
    ("VERDICT", lambda item: item["verdict"]),
    ("MS", lambda item: f"{item['ms']:.2f}"),
    ("WHAT", lambda item: one_line(_what(item), 80)),
)
_PAUSE: Final = 0.2
_MARGIN: Final = 10


@app.command("list")
def list_messages(
    criteria: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILTER]...", help="task=, from=, to=, kind=, verdict=, since= (30m, or a time)"),
    ] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is judged from now on.")] = False,
    limit: Annotated[int, typer.Option(min=0, max=10_000, help="The latest so many.")] = 50,
    output: OutputOption = "table",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """List the messages on record, the newest last.

    Example: lictor messages from=writer verdict=deny since=1h
    """
    require_form(output)
    if follow and output == "json":
        raise Quit(Exit.USAGE, "-o json is one document, which following never ends", hint="use -o jsonl")
    with open_record(store, file) as reader:
        wanted = read_criteria(criteria or (), time.time(), lambda task: resolve("task", task, reader.task_ids))
        last = reader.last() if follow else 0
        found = reader.messages(wanted, limit=limit) if limit else []
        _print_list(found, output)
        if follow:
            for message in follow_record(reader, wanted, max([last, *(each.number for each in found)])):
                _print_one(message, output)


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A message's id, or its beginning.")],
    *,
    lineage: Annotated[
        bool, typer.Option("--lineage", help="Show how each of its labels came to it, back to where it begins.")
    ] = False,
    output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """Show one message whole, with the verdict of every layer.

    Example: lictor messages show 0199c3a1b2c3d4e5 --lineage
    """
    require_form(output, ("text", "table", "json"))
    with open_record(store, file) as reader:
        found = reader.messages_with_id(resolve("message", identifier, reader.message_ids))
        chains = [find_lineage(reader, message) if lineage else () for message in found]
    if output != "json":
        for message, traced in zip(found, chains, strict=True):
            _print_whole(message)
            if lineage:
                _print_lineage(message, traced)
        return
    documents = [
        describe_whole(message) | ({"lineage": [describe_chain(chain) for chain in traced]} if lineage else {})
        for message, traced in zip(found, chains, strict=True)
    ]
    if len(documents) == 1:
        print_document({"apiVersion": "lictor/v1", "kind": "Message", "message": documents[0]})
    else:
        print_list("MessageList", documents)


def follow_record(
    reader: Reader, wanted: MessageFilter, after: int, pause: Callable[[float], None] = time.sleep
) -> Iterator[Message]:
    """Yield messages as they are recorded, for ever; the record is a database, so it is asked five times a second."""
    while True:
        found = reader.messages(wanted, after=after, limit=500)
        for message in found:
            after = message.number
            yield message
        if not found:
            pause(_PAUSE)


def said_of(method: str, said: str) -> str:
    """Return what a message says, behind its method unless it begins with that."""
    return said if said.startswith(method) else f"{method}  {said}".rstrip()


def describe_whole(message: Message) -> dict[str, Any]:
    """Return a message with its body and every verdict, as JSON holds it; a body that is no text is base64."""
    try:
        body = {"body": message.body.decode()}
    except UnicodeDecodeError:
        body = {"body_base64": base64.b64encode(message.body).decode()}
    return (
        _describe(message)
        | {
            "context": message.context,
            "step": message.step,
            "hops": message.hops,
            "end": message.ends,
            "trace": message.trace,
            "content_type": message.content_type,
            "labels": message.labels,
            "approval": message.approval,
            "sealed": bool(message.sealed),
            "digest": message.digest,
            "link": message.link,
            "chain": message.chain.hex(),
            "enforcer": message.enforcer,
            "bundle": message.bundle,
            "verdicts": [describe_verdict(verdict) for verdict in message.verdicts],
        }
        | body
    )


def describe_verdict(verdict: Verdict) -> dict[str, Any]:
    """Return one layer's verdict as JSON holds it."""
    return {
        "layer": verdict.layer,
        "verdict": verdict.outcome,
        "us": round(verdict.cost_us, 1),
        "code": verdict.code,
        "reason": verdict.reason,
        "rule": verdict.rule,
        "file": verdict.file,
        "line": verdict.line,
        "obligations": list(verdict.obligations),
    }


def _describe(message: Message) -> dict[str, Any]:
    return describe(message) | {
        "number": message.number,
        "at": stamp(message.at),
        "task": message.task,
        "parent": message.parent,
        "size": message.size,
        "said": message.said,
    }


def _print_list(messages: list[Message], output: str) -> None:
    items = [_describe(message) for message in messages]
    if output == "table":
        items = [item | {"moment": message.at} for item, message in zip(items, messages, strict=True)]
    print_items("MessageList", items, _COLUMNS, output)


def _print_one(message: Message, output: str) -> None:
    if output == "jsonl":
        print_document(_describe(message))
    elif output == "name":
        typer.echo(message.id)
    else:
        item = _describe(message) | {"moment": message.at}
        cells = [str(read(item)) for _, read in _COLUMNS]
        data().print(Text("  ").join(Text(cell, style=style_of(cell)) for cell in cells))


def _what(item: dict[str, Any]) -> str:
    if item["reason"]:
        place = f" ({item['file']}:{item['line']})" if item["line"] else ""
        return f"{item['layer']}: {item['reason']}{place}"
    return said_of(item["method"], item["said"])


def _print_whole(message: Message) -> None:
    screen = data()
    lines = [
        f"message   {message.id}  (no. {message.number})",
        f"judged    {stamp(message.at)}  {message.cost_us / 1000:.2f} ms  {message.enforcer}  bundle {message.bundle}",
        f"route     {message.sender} → {message.target}  {message.kind}  {message.method}".rstrip(),
        f"verdict   {message.outcome}",
    ]
    lines += [f"task      {message.task}"] if message.task else []
    above = message.in_reply_to or message.parent
    lines += [f"{'answers' if message.in_reply_to else 'led to by':<9} {above}"] if above else []
    lines += [f"labels    {message.labels}"] if message.labels else []
    lines += [f"approval  {message.approval}"] if message.approval else []
    lines += (
        [f"redacted  sent as {message.digest}: lictor messages reveal {message.id[:SHORT]}"] if message.digest else []
    )
    for verdict in message.verdicts:
        place = f"  {verdict.file}:{verdict.line}" if verdict.line else ""
        lines.append(
            f"  {verdict.layer:<10}{verdict.outcome:<11}{verdict.cost_us:>8.0f} µs  {verdict.reason}{place}".rstrip()
        )
    lines += [f"body      {message.size} bytes {message.content_type}".rstrip(), message.said]
    for line in lines:
        screen.print(indented(line, _MARGIN), markup=False)


def _print_lineage(message: Message, chains: tuple[Chain, ...]) -> None:
    screen = data()
    screen.print("lineage" if chains else "lineage   it carries no label", markup=False)
    for chain in chains:
        for line in tell_chain(message, chain):
            screen.print(indented(line, _MARGIN), markup=False)
