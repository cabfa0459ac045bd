"""`lictor policy simulate` and `lictor policy shadow`: what a draft of the policy would say."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.hindsight import Hindsight
from lictor.runtime.cli.criteria import read_moment
from lictor.runtime.cli.definition_file import DEFAULT
from lictor.runtime.cli.listing import Columns, print_items, print_rows, require_form
from lictor.runtime.cli.noun import Noun
from lictor.runtime.cli.printable import one_line
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.reading import read_plan
from lictor.runtime.cli.recalling import from_export
from lictor.runtime.cli.recorded import (
    SHORT,
    FileOption,
    OutputOption,
    StoreOption,
    clock,
    open_record,
    stamp,
)
from lictor.runtime.cli.rules import find_modules
from lictor.runtime.cli.screen import data, print_document, prose
from lictor.runtime.cli.simulation import Flip, Simulation, page, simulate
from lictor.runtime.store.audit.export import LONGEST_LINE, NotAnExport, read_entry, read_header
from lictor.runtime.store.results import Message

DraftOption = Annotated[
    Path | None,
    typer.Option(
        "--draft", help="Your rules as they would be: a folder of Rego files, in the place of the team's own."
    ),
]
FormOption = Annotated[str, typer.Option("--output", "-o", help="table or json")]

shadow_app = typer.Typer(
    cls=Noun,
    add_completion=False,
    rich_markup_mode=None,
    help="A draft that judges live messages beside the policy, without effect. Without a verb it starts or lists.",
)

_COLUMNS: Final[Columns] = (
    ("MESSAGE", lambda item: item["message"][:SHORT]),
    ("AT", lambda item: clock(item["moment"])),
    ("DRAFT", lambda item: item["revision"]),
    ("WOULD", lambda item: item["verdict"]),
    ("LAYER", lambda item: item["layer"]),
    ("REASON", lambda item: one_line(item["reason"], 80) or "-"),
    ("WHERE", lambda item: f"{item['file']}:{item['line']}" if item["line"] else "-"),
)


def simulate_draft(
    *,
    draft: DraftOption = None,
    since: Annotated[str, typer.Option("--since", help="Messages from then on: 1h, or a time in ISO 8601.")] = "1h",
    source: Annotated[
        Path | None, typer.Option("--from", help="Messages of an export, in the place of the record.")
    ] = None,
    output: FormOption = "table",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """Judge recorded messages by a draft of the policy, without effect: which verdicts would flip.

    Only what was recorded can be told: fields that the draft reads and nobody wrote down are named, with how many
    messages they concern. What a draft would do to labels of later messages is not followed.

    Example: lictor policy simulate --since 24h --draft policies-next/
    """
    require_form(output, ("table", "text", "json"))
    hindsight = Hindsight(compile_draft(draft, file))
    if source is not None:
        result = simulate(hindsight, _read_export(source), lambda _: "")
    else:
        with open_record(store, file) as reader:

            def kind_of(identifier: str) -> str:
                found = reader.message(identifier)
                return found.kind if found is not None else ""

            result = simulate(hindsight, page(reader, read_moment(since, time.time())), kind_of)
    if output == "json":
        print_document({"apiVersion": "lictor/v1", "kind": "Simulation", **_describe(result)})
    else:
        _print(result)


@shadow_app.command("list")
def list_shadows(
    draft: DraftOption = None,
    *,
    off: Annotated[bool, typer.Option("--off", help="Stop the draft that judges now.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The latest so many differences.")] = 50,
    output: OutputOption = "table",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """Start a draft with --draft, stop it with --off, or list where it would have said something else.

    Example: lictor policy shadow --draft policies-next/
    """
    require_form(output)
    if draft is not None or off:
        if draft is not None and off:
            raise Quit(Exit.USAGE, "either --draft or --off")
        _tell(asyncio.run(_act(draft)), output)
        return
    with open_record(store, file) as reader:
        found = reader.shadows(limit=limit)
    items = [
        {
            "message": each.message,
            "revision": each.revision,
            "layer": each.layer,
            "verdict": each.outcome,
            "code": each.code,
            "reason": each.reason,
            "rule": each.rule,
            "file": each.file,
            "line": each.line,
            "at": stamp(each.at),
            "moment": each.at,
        }
        for each in found
    ]
    if output != "table":
        items = [{name: value for name, value in item.items() if name != "moment"} for item in items]
    print_items("ShadowList", items, _COLUMNS, output, name="message")


async def _act(draft: Path | None) -> dict[str, Any]:
    from lictor.runtime.cli.acting import act  # noqa: PLC0415 -- connects: only this needs a team that runs
    from lictor.runtime.cli.operating import any_team, operate  # noqa: PLC0415

    modules = [{"path": str(path), "text": text} for path, text in _read_draft(draft)] if draft is not None else []
    async with operate(any_team()) as (mesh, _):
        answer = await act(mesh, "policy.shadow", {"modules": modules} if modules else {"off": True})
    return dict(answer.get("shadow", {}))


def _tell(told: dict[str, Any], output: str) -> None:
    if output in {"json", "jsonl"}:
        print_document({"apiVersion": "lictor/v1", "kind": "Shadow", "shadow": told})
        return
    if told.get("revision"):
        prose().print(f"draft {told['revision']} judges beside the policy: lictor policy shadow list", markup=False)
        return
    stopped = told.get("stopped") or {}
    if not stopped.get("revision"):
        prose().print("no draft was judging", markup=False)
        return
    prose().print(
        f"draft {stopped['revision']} stopped: {stopped['judged']} messages judged, {stopped['differ']} differ, "
        f"{stopped['skipped']} left out",
        markup=False,
    )
    for name, count in stopped.get("not_recorded", {}).items():
        prose().print(f"not known of {count} messages: {name}", markup=False)


def _read_draft(draft: Path) -> list[tuple[Path, str]]:
    try:
        modules = [each for each in find_modules([draft]) if not each.path.endswith("_test.rego")]
    except PolicyError as error:
        raise Quit(Exit.USAGE, str(error)) from None
    if not modules:
        raise Quit(Exit.USAGE, f"{draft}: there is no Rego file here")
    return [(Path(each.path), each.text) for each in modules]


def compile_draft(draft: Path | None, file: Path | None) -> EmbeddedRego:
    """Compile a draft with the data of the team; raises Quit when it cannot be used."""
    if draft is None:
        raise Quit(Exit.USAGE, "which draft?", hint="--draft DIR names a folder of Rego files")
    if file is None and not DEFAULT.is_file():
        raise Quit(Exit.USAGE, "there is no team file here, and its data decides too", hint="--file names it")
    plan = read_plan(file or DEFAULT)
    try:
        return EmbeddedRego(load_bundle(plan.policy_data, [path for path, _ in _read_draft(draft)]))
    except PolicyError as error:
        raise Quit(Exit.NO, f"the draft cannot be used: {error}") from None


def _read_export(source: Path) -> Iterator[Message]:
    try:
        with source.open("rb") as lines:
            read_header(lines.readline(LONGEST_LINE))
            for line in iter(lambda: lines.readline(LONGEST_LINE), b""):
                entry = read_entry(line)
                if entry.kind == "message":
                    yield from_export(entry)
    except (OSError, NotAnExport, TypeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise Quit(Exit.USAGE, f"{source}: this is no export that can be read: {why}") from None


def _describe(result: Simulation) -> dict[str, Any]:
    return {
        "revision": result.revision,
        "judged": result.judged,
        "not_asked": result.not_asked,
        "flipped": result.flipped,
        "uncertain": result.uncertain,
        "bundles": result.bundles,
        "not_recorded": dict(sorted(result.unknown.items())),
        "flips": [_describe_flip(flip) for flip in result.sorted()],
    }


def _describe_flip(flip: Flip) -> dict[str, Any]:
    return {
        "count": flip.count,
        "uncertain": flip.uncertain,
        "from": flip.before.outcome.word,
        "to": flip.after.outcome.word,
        "was": {"layer": flip.before.layer, "code": flip.before.code, "reason": flip.before.reason},
        "layer": flip.after.layer,
        "code": flip.after.code,
        "reason": flip.after.reason,
        "rule": flip.after.rule,
        "file": flip.after.file,
        "line": flip.after.line,
        "messages": [
            {"id": each.id, "from": each.sender, "to": each.target, "method": each.method} for each in flip.examples
        ],
    }


def _print(result: Simulation) -> None:
    rows = [
        [
            str(flip.count),
            f"{flip.before.outcome.word} → {flip.after.outcome.word}",
            flip.after.layer if flip.after.reason else flip.before.layer,
            one_line(flip.after.reason or f"no more: {flip.before.reason}", 100) or "-",
            f"{flip.after.file}:{flip.after.line}" if flip.after.line else "-",
            " ".join(each.id[:SHORT] for each in flip.examples[:3]),
        ]
        for flip in result.sorted()
    ]
    if rows:
        print_rows(("COUNT", "FLIP", "LAYER", "REASON", "WHERE", "SUCH AS"), rows)
    told = (
        f"{result.flipped} of {result.judged} verdicts would flip; {result.not_asked} messages never reached the policy"
    )
    data().print(told, markup=False, soft_wrap=True)
    for name, count in sorted(result.unknown.items()):
        prose().print(f"not known of {count} messages: {name} was not recorded", markup=False)
