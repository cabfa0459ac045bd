from pathlib import Path

import msgspec
import pytest
from audited_record import audited_store, export_of
from record_entries import a_batch, a_question, a_verdict, an_answer, an_entry

from lictor.guardrails.verdict import Outcome
from lictor.protocols.record import MessageEntry
from lictor.runtime.cli.recalling import from_export, recall, verdicts_of
from lictor.runtime.store.audit.export import read_entry
from lictor.runtime.store.results import Message
from lictor.runtime.store.store import open_store

CALL = msgspec.json.encode(
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "send", "arguments": {"to": "x"}}}
)


def stored(folder: Path, entry: MessageEntry) -> Message:
    with open_store(f"sqlite:///{folder}/r.db") as store:
        store.writer.write_batches([a_batch(1, entry)])
        found = store.reader.message(entry.id)
        assert found is not None
        return found


def test_a_whole_body_tells_what_was_asked_for(tmp_path: Path) -> None:
    known = recall(stored(tmp_path, an_entry(kind="mcp", body=CALL, labels="secret,untrusted,customer")))
    assert (known["method"], known["tool"], known["arguments"]) == ("tools/call", "send", {"to": "x"})
    assert (known["sender"], known["kind"], known["request_kind"], known["size"]) == ("triage", "mcp", "", len(CALL))
    assert known["labels"] == {"level": "secret", "untrusted": True, "tags": ["customer"]}
    assert known["now"] == {"minute": 853, "weekday": 0}


@pytest.mark.parametrize(
    "changes", [{"body": CALL[:40], "size": len(CALL)}, {"body": CALL, "digest": "d" * 64}, {"body": b"{"}]
)
def test_a_body_that_is_not_as_it_was_sent_tells_nothing(tmp_path: Path, changes: dict[str, object]) -> None:
    known = recall(stored(tmp_path, an_entry(kind="mcp", **changes)))
    assert not {"arguments", "method", "tool", "model"} & set(known)


def test_an_answer_is_known_by_what_it_answers(tmp_path: Path) -> None:
    answer = stored(tmp_path, an_answer(a_question("t")))
    assert recall(answer, "a2a")["request_kind"] == "a2a"
    assert "request_kind" not in recall(answer)


def test_verdicts_are_as_the_pipeline_had_them(tmp_path: Path) -> None:
    verdicts = (
        a_verdict("route", "deny", code="c", reason="r", rule="u", file="f", line=3, obligations=("o",), facts=b"{}"),
        a_verdict("deliver", "lost"),
    )
    (verdict,) = verdicts_of(stored(tmp_path, an_entry(verdicts=verdicts)))
    assert (verdict.layer, verdict.outcome, verdict.facts, verdict.obligations) == (
        "route",
        Outcome.DENY,
        b"{}",
        ("o",),
    )
    assert (verdict.code, verdict.reason, verdict.rule, verdict.file, verdict.line) == ("c", "r", "u", "f", 3)


def test_a_message_of_an_export_is_the_one_of_the_record(tmp_path: Path) -> None:
    with audited_store(f"sqlite:///{tmp_path}/r.db") as store:
        kept = {message.number: message for message in store.reader.messages(limit=100)}
        read = [from_export(entry) for entry in map(read_entry, export_of(store)[1:]) if entry.kind == "message"]
    assert len(read) == 18
    for message in read:
        same = kept[message.number]
        assert msgspec.json.encode(message) == msgspec.json.encode(
            type(same)(**{name: getattr(same, name) for name in same.__dataclass_fields__} | {"said": ""})
        )
