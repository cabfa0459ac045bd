import json
import logging
from pathlib import Path

import pytest
from audited_record import KEY, audited_store
from record_entries import a_batch
from sqlalchemy import text

from lictor.runtime.store.audit.auditor import Auditor
from lictor.runtime.store.audit.keeping import HeadKeeper, read_kept
from lictor.runtime.store.store import open_store


def test_a_head_is_kept_once_a_second_and_at_the_end(tmp_path: Path) -> None:
    written: list[int] = []
    keeper = HeadKeeper(tmp_path, "r", lambda _, told: written.append(json.loads(told)["head"]["link"]))
    for link in range(1, 26):
        keeper.keep(KEY.sign(link, b"c" * 32, 100.0 + link / 10))
    keeper.close()
    keeper.close()
    assert written == [1, 11, 21, 25]


def test_a_record_that_is_written_leaves_its_head_beside_the_key(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/r.db", audit=tmp_path / "audit") as store:
        store.writer.write_batches([a_batch(1)])
        store.writer.write_batches([a_batch(2)])
    kept = read_kept(tmp_path / "audit", store.place)
    assert kept is not None
    assert (kept.link, kept.holds()) == (2, True)
    assert read_kept(tmp_path / "audit", "another") is None
    assert read_kept(tmp_path, store.place) is None


def test_a_record_that_was_cut_back_is_found_and_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    audit = tmp_path / "audit"
    with open_store(f"sqlite:///{tmp_path}/r.db", audit=audit) as store:
        for number in range(1, 6):
            store.writer.write_batches([a_batch(number)])
        kept = read_kept(audit, store.place)
    kept = read_kept(audit, store.place)
    assert kept is not None
    with open_store(f"sqlite:///{tmp_path}/r.db", audit=audit) as store:
        with store.engines[0].begin() as connection:
            for statement in (
                "DELETE FROM verdicts WHERE message > 1",
                "DELETE FROM messages WHERE number > 1",
                "DELETE FROM heads WHERE link > 1",
            ):
                connection.execute(text(statement))
        assert Auditor(store.engines[1]).verify().ok
        assert not Auditor(store.engines[1]).verify(anchors=[kept]).ok
        with caplog.at_level(logging.ERROR):
            store.writer.write_batches([a_batch(9)])
        assert "cut back or replaced: it had 5 entries and has 2" in caplog.text
    assert json.loads((audit / "head-5.json").read_text())["head"]["link"] == 5
    again = read_kept(audit, store.place)
    assert again is not None
    assert again.link == 2


def test_a_disk_that_takes_nothing_does_not_stop_the_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def full(_path: Path, _text: str) -> None:
        raise OSError("No space left on device")

    keeper = HeadKeeper(tmp_path, "r", full)
    keeper.keep(KEY.sign(1, b"c" * 32, 1.0))
    assert "cannot be kept" in caplog.text


def test_the_file_may_hold_anything(tmp_path: Path) -> None:
    for odd in ("", "[]", "{}", '{"record":"r","head":{}}', '{"record":"r"}'):
        (tmp_path / "head.json").write_text(odd)
        assert read_kept(tmp_path, "r") is None
    with audited_store(f"sqlite:///{tmp_path}/r.db") as store:
        assert store.place == str(tmp_path / "r.db")
