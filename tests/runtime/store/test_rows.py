import pytest
from record_entries import a_batch, a_verdict, an_entry

from lictor.runtime.store import tables
from lictor.runtime.store.results import Task
from lictor.runtime.store.rows import batch_row, message_row, sentence, task_row, verdict_row, word


def test_rows_follow_the_columns_of_their_tables() -> None:
    entry = an_entry(**{name: name for name in ("task", "context", "parent", "in_reply_to", "step", "trace", "labels")})
    message = dict(zip(tables.messages.columns.keys(), message_row(7, entry), strict=True))
    assert message.pop("number") == 7
    assert message.pop("ends") is entry.end
    assert message == {name: getattr(entry, name) for name in message}
    verdict = a_verdict(code="c", reason="r", rule="u", file="f", line=3, obligations=("log",))
    row = dict(zip(tables.verdicts.columns.keys(), verdict_row(7, 2, verdict), strict=True))
    assert (row.pop("message"), row.pop("position"), row.pop("obligations")) == (7, 2, '["log"]')
    assert row == {name: getattr(verdict, name) for name in row}
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
