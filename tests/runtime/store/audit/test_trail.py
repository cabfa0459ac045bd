from pathlib import Path

import pytest
from audited_record import audited_store
from record_entries import AT

from lictor.runtime.store.audit import trail
from lictor.runtime.store.audit.trail import Trail
from lictor.runtime.store.store import open_store


@pytest.mark.parametrize("piece", [1, 3, 500])
def test_messages_and_approvals_come_in_the_order_of_the_chain(
    tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "_PIECE", piece)
    with audited_store(f"sqlite:///{tmp_path}/r.db") as store, store.engines[1].connect() as connection:
        read = Trail(connection)
        assert read.last() == 22
        entries = list(read.read())
        assert [entry.link for entry in entries] == list(range(1, 23))
        assert [entry.link for entry in entries if entry.kind == "approval"] == [4, 6, 7, 8]
        for after in range(23):
            for to in (after, after + 3, 22, 99):
                links = [entry.link for entry in read.read(after, to)]
                assert links == list(range(after + 1, min(to, 22) + 1))
        assert read.before() == 0


def test_heads_are_found_by_their_time(tmp_path: Path) -> None:
    with audited_store(f"sqlite:///{tmp_path}/r.db") as store, store.engines[1].connect() as connection:
        read = Trail(connection)
        assert read.head_before(AT) is None
        assert read.head_after(AT + 1e6) is None
        before, after, last = read.head_before(AT + 2.5), read.head_after(AT + 2.5), read.last_head()
        assert before is not None
        assert after is not None
        assert last is not None
        assert (before.link, after.link, last.link) == (7, 8, 22)
        assert {name: row["state"] for name, row in read.approvals().items()} == {
            "a" * 32: "approved",
            "other": "denied",
        }


def test_an_empty_record_has_an_empty_chain(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/r.db") as store, store.engines[1].connect() as connection:
        assert Trail(connection).last() == 0
        assert Trail(connection).last_head() is None
        assert list(Trail(connection).read(5)) == []
