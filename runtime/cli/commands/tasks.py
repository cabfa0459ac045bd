"""`lictor tasks`: the tasks on record."""

from typing import Annotated, Any, Final

import typer

from lictor.runtime.cli.commands.messages import said_of
from lictor.runtime.cli.listing import Columns, print_items, require_form
from lictor.runtime.cli.narrate import describe
from lictor.runtime.cli.noun import HINT, Noun
from lictor.runtime.cli.printable import indented, one_line
from lictor.runtime.cli.recorded import SHORT, FileOption, OutputOption, StoreOption, clock, open_record, resolve, stamp
from lictor.runtime.cli.screen import data, print_document
from lictor.runtime.store.results import Message, Node, Task, TaskStory

app = typer.Typer(
    cls=Noun,
    add_completion=False,
    rich_markup_mode=None,
    help=f"The tasks on record. {HINT}: lictor tasks list --help",
)

_COLUMNS: Final[Columns] = (
    ("TASK", lambda item: item["id"][:SHORT]),
    ("OPENED", lambda item: clock(item["opened"])),
    ("STATE", lambda item: one_line(item["state"], 20)),
    ("SECONDS", lambda item: f"{item['seconds']:.1f}"),
    ("FROM", lambda item: item["from"]),
    ("AGENT", lambda item: item["agent"]),
    ("QUESTION", lambda item: one_line(item["question"], 60)),
)
_MARGIN: Final = 10
_DEEPEST: Final = 24
"""Levels of a tree that are shown by indentation."""


@app.command("list")
def list_tasks(
    state: Annotated[str, typer.Option(help="Only these: working, completed, failed, refused, ….")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The latest so many.")] = 50,
    output: OutputOption = "table",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """List the tasks on record, the newest last.

    Example: lictor tasks --state failed -o json
    """
    require_form(output)
    with open_record(store, file) as reader:
        items = [_describe(task) for task in reader.tasks(state, limit)]
    if output != "table":
        items = [item | {"opened": stamp(item["opened"]), "changed": stamp(item["changed"])} for item in items]
    print_items("TaskList", items, _COLUMNS, output)


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A task's id, or its beginning.")],
    tree: Annotated[bool, typer.Option("--tree", help="Show which message led to which.")] = False,
    output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """Show one task with every message that belongs to it.

    Example: lictor tasks show 0199c3a1 --tree
    """
    require_form(output, ("text", "table", "json"))
    with open_record(store, file) as reader:
        story = reader.task(resolve("task", identifier, reader.task_ids))
    if story is None:  # it was there a moment ago
        raise typer.Exit(1)
    if output == "json":
        print_document(_document(story, tree=tree))
    else:
        _print(story, tree=tree)


def _describe(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "state": task.state,
        "from": task.owner,
        "agent": task.agent,
        "question": task.question,
        "reason": task.reason,
        "context": task.context,
        "request": task.request,
        "answered_by": task.answered_by,
        "opened": task.opened_at,
        "changed": task.changed_at,
        "seconds": round(max(0.0, task.changed_at - task.opened_at), 3),
    }


def _document(story: TaskStory, *, tree: bool) -> dict[str, Any]:
    described = _describe(story.task)
    return {
        "apiVersion": "lictor/v1",
        "kind": "Task",
        **described,
        "opened": stamp(described["opened"]),
        "changed": stamp(described["changed"]),
        "answer": story.answer,
        "truncated": story.truncated,
        "messages": [
            describe(message) | {"depth": depth} if tree else describe(message)
            for depth, message in (_walk(story.tree) if tree else _flat(story.messages))
        ],
    }


def _print(story: TaskStory, *, tree: bool) -> None:
    task = story.task
    seconds = max(0.0, task.changed_at - task.opened_at)
    lines = [
        f"task      {task.id}",
        f"state     {task.state}{f': {task.reason}' if task.reason else ''}",
        f"asked     {task.owner} → {task.agent}  {stamp(task.opened_at)}  {seconds:.1f} s",
        f"question  {task.question}",
    ]
    lines += [f"answer    {story.answer}"] if story.answer else []
    lines.append("messages")
    for depth, message in _walk(story.tree) if tree else _flat(story.messages):
        lines.append("  " * (1 + min(depth, _DEEPEST)) + _tell(message))
    lines += [f"  … and more: lictor messages task={task.id}"] if story.truncated else []
    screen = data()
    for line in lines:
        screen.print(indented(line, _MARGIN), markup=False)


def _tell(message: Message) -> str:
    told = describe(message)
    place = f" ({told['file']}:{told['line']})" if told["line"] else ""
    why = f"  {told['layer']}: {told['reason']}{place}" if told["reason"] else ""
    what = message.method if why else one_line(said_of(message.method, message.said), 80)
    return f"{message.id[:SHORT]}  {message.sender} → {message.target}  {message.kind}  {message.outcome}  {what}{why}"


def _flat(messages: tuple[Message, ...]) -> list[tuple[int, Message]]:
    return [(0, message) for message in messages]


def _walk(tree: tuple[Node, ...]) -> list[tuple[int, Message]]:
    found: list[tuple[int, Message]] = []
    left = [(0, node) for node in reversed(tree)]
    while left:
        depth, node = left.pop()
        found.append((depth, node.message))
        left += [(depth + 1, child) for child in reversed(node.children)]
    return found
