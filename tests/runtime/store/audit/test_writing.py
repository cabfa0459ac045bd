from pathlib import Path

from audited_record import KEY, Clock, audited_store
from record_entries import a_batch, an_approval

from lictor.runtime.store.audit.trail import Trail
from lictor.runtime.store.store import open_store
from lictor.runtime.store.writer import Writer


def links_of(path: Path, step: float, commits: int) -> list[int]:
    with open_store(f"sqlite:///{path}/r.db") as store:
        writer = Writer(store.engines[0], Clock(step), KEY)
        for number in range(1, commits + 1):
            writer.write_batches([a_batch(number)])
        with store.engines[1].connect() as connection:
            return [head.link for head in Trail(connection).heads()]


def test_every_commit_is_signed_and_the_head_gives_way_to_the_next_within_a_second(tmp_path: Path) -> None:
    assert links_of(tmp_path / "slow", 0.6, 4) == [1, 2, 3, 4]
    fast = links_of(tmp_path / "fast", 0.01, 200)
    assert fast[0] == 1
    assert fast[-1] == 200
    assert len(fast) <= 2 * (200 * 0.02 + 1)


def test_a_commit_without_entries_is_not_signed_again(tmp_path: Path) -> None:
    with audited_store(f"sqlite:///{tmp_path}/r.db") as store:
        with store.engines[1].connect() as connection:
            before = Trail(connection).heads()
        assert store.writer.write_batches([a_batch(1)]) == 0
        with store.engines[1].connect() as connection:
            assert Trail(connection).heads() == before


def test_a_clock_that_goes_back_signs_all_the_same(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/r.db") as store:
        clock = Clock(-5.0)
        writer = Writer(store.engines[0], clock, KEY)
        for number in range(1, 4):
            writer.write_batches([a_batch(number, approvals=(an_approval(id=str(number)),))])
        with store.engines[1].connect() as connection:
            assert [head.link for head in Trail(connection).heads()] == [2, 4, 6]
