"""How mediated messages are told: one line for each, and one document for a whole run."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.text import Text

from lictor.protocols.a2a.reading import Outcome
from lictor.runtime.cli.printable import one_line
from lictor.runtime.store.results import Message

_LONGEST: Final = 600
_STYLES = {"allow": "green", "redact": "yellow", "lost": "red", "expired": "red"}


def describe(message: Message) -> dict[str, Any]:
    """Return one message as the documents of `-o json` hold it."""
    deciding = message.deciding
    refused = deciding is not None and not message.delivered
    return {
        "id": message.id,
        "from": message.sender,
        "to": message.target,
        "kind": message.kind,
        "method": message.method,
        "verdict": message.outcome,
        "layer": deciding.layer if refused and deciding is not None else "",
        "reason": deciding.reason if refused and deciding is not None else "",
        "file": deciding.file if refused and deciding is not None else "",
        "line": deciding.line if refused and deciding is not None else 0,
        "in_reply_to": message.in_reply_to,
        "ms": round(message.cost_us / 1000, 3),
    }


def widths(messages: Iterable[str]) -> tuple[int, int]:
    """Return the columns' widths for principals of these names."""
    longest = max((len(name) for name in messages), default=8)
    return longest, longest


def line(message: Message, column: int, *, ascii_only: bool = False) -> Text:
    """Return the line that tells one message; `column` is the width of a name."""
    told = describe(message)
    arrow = "->" if ascii_only else "→"
    sender, target = one_line(told["from"], _LONGEST), one_line(told["to"], _LONGEST)
    text = Text(f"{sender:>{column}} {arrow} {target:<{column}}  ")
    text.append(f"{told['kind']:<5} ", style="dim")
    if message.delivered:
        text.append(f"{told['verdict']:<6}", style=_STYLES.get(message.outcome, ""))
        text.append(f" {told['ms']:7.2f} ms")
        if told["method"]:
            text.append(f"  {one_line(told['method'], _LONGEST)}", style="dim")
        return text
    text.append(f"{told['verdict'].upper():<6}", style="bold red")
    text.append(f" {told['layer']}: {one_line(told['reason'], _LONGEST)}")
    if told["line"]:
        text.append(f" ({told['file']}:{told['line']})", style="bold")
    return text


def cite(outcome: Outcome) -> list[dict[str, str]]:
    """Return an answer's citations as documents."""
    return [{"file": each.file, "heading": each.heading, "quote": each.quote} for each in outcome.citations]


def count(messages: Sequence[Message]) -> tuple[int, int]:
    """Return how many messages were delivered and how many were not."""
    delivered = sum(message.delivered for message in messages)
    return delivered, len(messages) - delivered
