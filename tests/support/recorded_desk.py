"""A small record: one task in which an answer was found and one delegation was refused."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
from record_entries import AT, a_batch, a_denial, a_question, a_verdict, an_answer, an_entry

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.record import MessageEntry
from lictor.runtime.store.store import open_store


@dataclass(frozen=True, slots=True)
class Desk:
    url: str
    question: MessageEntry
    search: MessageEntry
    refused: MessageEntry
    answer: MessageEntry


TASK = "01a0000000000000" + "a" * 16
OTHER = "01a0000000000000" + "b" * 16


def record_desk(folder: Path) -> Desk:
    """Write the record into a folder and return what is in it."""
    url = f"sqlite:///{folder}/.lictor/lictor.db"
    question = a_question(TASK, "How do I reset it?", id="01" + "0" * 30)
    call = msgspec.json.encode(
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"q": "reset"}}}
    )
    to_tool = {"target": "tool-handbook", "kind": "mcp", "method": "search"}
    search = an_entry(id="02" + "0" * 30, task=TASK, parent=question.id, body=call, **to_tool)
    content = [{"type": "text", "text": "\x1b[31mHold"}]
    found = msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "result": {"content": content}})
    passage = an_answer(search, id="03" + "0" * 30, body=found)
    refused = an_entry(
        id="04" + "0" * 30,
        sender="writer",
        target="triage",
        task=TASK,
        parent=question.id,
        body=send_message("More?"),
        outcome="deny",
        verdicts=a_denial("no such edge: writer has no delegates"),
    )
    answer = an_answer(question, "Hold the button.", id="05" + "0" * 30, at=AT + 2.5)
    lost = a_question(OTHER, "Anyone?", id="06" + "0" * 30, at=AT + 60)
    gone = a_verdict("deliver", "deny", code="deliver.lost", reason="triage went away before it answered")
    never = an_answer(lost, id="07" + "0" * 30, body=b"", outcome="lost", verdicts=(gone,), at=AT + 61)
    with open_store(url) as store:
        store.writer.write_batches([a_batch(1, question, search, passage, refused, answer, lost, never)])
    return Desk(url, question, search, refused, answer)
