import pytest
from record_entries import a_batch, a_verdict, an_approval, an_entry

from lictor.protocols.record import MarkEntry, ShadowEntry
from lictor.runtime.store import tables
from lictor.runtime.store.audit.chain import COLUMNS
from lictor.runtime.store.results import Task
from lictor.runtime.store.rows import (
    approval_row,
    batch_row,
    document,
    mark_row,
    message_row,
    sentence,
    shadow_row,
    task_row,
    verdict_row,
    word,
)


def test_rows_follow_the_columns_of_their_tables() -> None:
    entry = an_entry(**{name: name for name in ("task", "context", "parent", "in_reply_to", "step", "trace", "labels")})
    message = dict(zip(COLUMNS["message"], message_row(7, entry), strict=True))
    assert message.pop("number") == 7
    assert message.pop("ends") is entry.end
    assert message == {name: getattr(entry, name) for name in message}
    verdict = a_verdict(code="c", reason="r", rule="u", file="f", line=3, obligations=("log",))
    row = dict(zip(tables.verdicts.columns.keys(), verdict_row(7, 2, verdict), strict=True))
    assert (row.pop("message"), row.pop("position"), row.pop("obligations")) == (7, 2, '["log"]')
    assert row == {name: getattr(verdict, name) for name in row}
    approval = dict(zip(tables.approvals.columns.keys(), approval_row(an_approval(), "e", "i"), strict=True))
    assert (approval.pop("enforcer"), approval.pop("instance")) == ("e", "i")
    assert approval == {name: getattr(an_approval(), name) for name in approval}
    told = MarkEntry("o", "l\0" * 5000, "{}", "s")
    mark = dict(zip(tables.marks.columns.keys(), mark_row(told, a_batch(4), 2.5), strict=True))
    assert (mark.pop("changed_at"), mark.pop("instance"), mark.pop("sequence")) == (2.5, "i1", 4)
    assert mark == {"owner": "o", "labels": "l␀" * 5000, "causes": "{}", "sources": "s"}
    seen = ShadowEntry("m", "r", "l", "deny", "c", "why", "u", "f", 3)
    shadow = dict(zip(tables.shadows.columns.keys(), shadow_row(4, seen, 2.5), strict=True))
    assert (shadow.pop("number"), shadow.pop("at")) == (4, 2.5)
    assert shadow == {name: getattr(seen, name) for name in shadow}
    batch = dict(zip(tables.batches.columns.keys(), batch_row(a_batch(4, entry, entry), 9, 1.5), strict=True))
    assert batch == {"enforcer": "enforcer", "instance": "i1", "sequence": 4, "stored_at": 1.5, "first": 9, "count": 2}


def test_a_tasks_row_names_its_columns() -> None:
    task = Task("i" * 300, "working", "o", "a", "q\0" * 3000, "", "", "r", "", 1.0, 2.0, "e", "n")
    row = task_row(task)
    assert set(row) == set(tables.tasks.columns.keys())
    assert (row["id"], row["question"], row["opened_at"]) == ("i" * 256, "q␀" * 2000, 1.0)


@pytest.mark.parametrize(
    ("value", "stored"), [("", ""), ("a\0b", "a␀b"), ("x" * 257, "x" * 256), ("é" * 256, "é" * 256)]
)
def test_a_word_is_short_and_holds_no_nul(value: str, stored: str) -> None:
    assert word(value) == stored


def test_a_sentence_has_a_limit_too() -> None:
    assert sentence("a\0" * 4000) == "a␀" * 2000
    assert message_row(1, an_entry(hops=2**70, labels="\0"))[16] == 2**63 - 1


def test_json_is_kept_whole_or_not_at_all() -> None:
    assert document('{"a":"\0"}') == '{"a":"␀"}'
    assert document("x" * 65_537) == ""


def test_numbers_are_as_the_databases_give_them_back() -> None:
    row = message_row(1, an_entry(at=3, cost_us=-0.0))
    assert [repr(row[2]), repr(row[22])] == ["3.0", "0.0"]
