"""How mediated messages are told: one line for each, and one document for a whole run."""

from collections.abc import Sequence
from typing import Any, Final

from rich.text import Text

from lictor.protocols.a2a.reading import Citation, Outcome
from lictor.runtime.cli.asking import Ending
from lictor.runtime.cli.printable import one_line
from lictor.runtime.store.results import Message

LONGEST: Final = 600
"""Characters of a line that tells what others said."""
_STYLES = {"allow": "green", "redact": "yellow", "lost": "red", "expired": "red"}


def describe(message: Message) -> dict[str, Any]:
    """Return one message as the documents of `-o json` hold it."""
    objection = None if message.delivered else message.deciding
    return {
        "id": message.id,
        "from": message.sender,
        "to": message.target,
        "kind": message.kind,
        "method": message.method,
        "verdict": message.outcome,
        "layer": objection.layer if objection is not None else "",
        "reason": objection.reason if objection is not None else "",
        "file": objection.file if objection is not None else "",
        "line": objection.line if objection is not None else 0,
        "in_reply_to": message.in_reply_to,
        "ms": round(message.cost_us / 1000, 3),
    }


def line(message: Message, column: int, *, ascii_only: bool = False) -> Text:
    """Return the line that tells one message; `column` is the width of a name."""
    told = describe(message)
    arrow = "->" if ascii_only else "→"
    sender, target = one_line(told["from"], LONGEST), one_line(told["to"], LONGEST)
    text = Text(f"{sender:>{column}} {arrow} {target:<{column}}  ")
    text.append(f"{told['kind']:<5} ", style="dim")
    if message.delivered:
        text.append(f"{told['verdict']:<6}", style=_STYLES.get(message.outcome, ""))
        text.append(f" {told['ms']:7.2f} ms")
        if told["method"]:
            text.append(f"  {one_line(told['method'], LONGEST)}", style="dim")
        return text
    text.append(f"{told['verdict'].upper():<6}", style="bold red")
    text.append(f" {told['layer']}: {one_line(told['reason'], LONGEST)}")
    if told["line"]:
        text.append(f" ({told['file']}:{told['line']})", style="bold")
    return text


def cited(citation: Citation) -> str:
    """Return the line that tells one citation of an answer."""
    return f"  {one_line(f'cites {citation.file} § {citation.heading}', LONGEST)}"


def cite(outcome: Outcome) -> list[dict[str, str]]:
    """Return an answer's citations as documents."""
    return [{"file": each.file, "heading": each.heading, "quote": each.quote} for each in outcome.citations]


def tell_ending(task: str, ending: Ending) -> dict[str, Any]:
    """Return how a question ended, as the documents of `-o json` hold it."""
    outcome = ending.outcome
    return {
        "task": {"id": task, "state": ending.state, "reason": ending.reason},
        "answer": outcome.text if ending.state == "completed" else "",
        "citations": cite(outcome),
        "model": outcome.model,
    }


def count(messages: Sequence[Message]) -> tuple[int, int]:
    """Return how many messages were delivered and how many were refused; what waits for an approval is neither yet."""
    delivered = sum(message.delivered for message in messages)
    held = sum(message.outcome == "hold" for message in messages)
    return delivered, len(messages) - delivered - held
