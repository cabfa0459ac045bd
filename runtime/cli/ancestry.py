"""How a message's lineage is told: one chain for each label, back to where it begins."""

from collections.abc import Iterable
from typing import Any, Final

from lictor.runtime.cli.printable import one_line
from lictor.runtime.cli.recorded import SHORT, stamp
from lictor.runtime.store.lineage import Chain, Origin, trace
from lictor.runtime.store.reader import Reader
from lictor.runtime.store.results import Message

_SAID: Final = 60


def find_lineage(reader: Reader, message: Message) -> tuple[Chain, ...]:
    """Return the chains of a message, read from the record."""
    return trace(message, reader.message)


def describe_chain(chain: Chain) -> dict[str, Any]:
    """Return a chain as JSON holds it."""
    origin = chain.origin
    return {
        "label": chain.label,
        "messages": [
            {
                "id": each.id,
                "at": stamp(each.at),
                "from": each.sender,
                "to": each.target,
                "kind": each.kind,
                "method": each.method,
                "task": each.task,
                "labels": each.labels,
                "said": one_line(each.said, 400),
            }
            for each in chain.messages
        ],
        "origin": {"principal": origin.principal, "file": origin.file, "line": origin.line, "why": origin.why},
    }


def tell_chain(message: Message, chain: Chain) -> Iterable[str]:
    """Return a chain as lines."""
    task = message.task
    yield f"  {chain.label}"
    for each in chain.messages:
        elsewhere = f"  task {each.task[:SHORT]}" if each.task and each.task != task else ""
        task = each.task or task
        said = one_line(each.said, _SAID)
        route = f"{each.sender} → {each.target}  {each.kind}"
        yield f"    ⇐ {each.id[:SHORT]}  {route}  {each.method}{elsewhere}  {said}".rstrip()
    yield f"    ⇐ {tell_origin(chain.origin)}"


def tell_origin(origin: Origin) -> str:
    """Return where a label begins, as one line."""
    if not origin.principal:
        return f"not known: {origin.why}"
    place = f"  {origin.file}:{origin.line}" if origin.file else ""
    return f"{origin.principal}{place}"
