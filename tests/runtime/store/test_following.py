from collections.abc import Iterator
from pathlib import Path

import pytest
from record_entries import AT, a_batch, a_question, an_approval

from lictor.protocols.record import RecordBatch
from lictor.runtime.store.following import expire_orphans, fail_orphans, follow_tasks
from lictor.runtime.store.store import Store, open_store
from lictor.runtime.store.task_state import RESTARTED


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/r.db") as opened:
        yield opened


def test_only_a_successor_of_the_same_enforcer_ends_what_waited(store: Store) -> None:
    store.writer.write_batches([a_batch(1, a_question("t"), approvals=(an_approval(),))])
    with store.engines[0].begin() as connection:
        same, other = RecordBatch("enforcer", 1, (), "i1"), RecordBatch("e2", 1, (), "i9")
        later, successor = RecordBatch("enforcer", 2, (), "i2"), RecordBatch("enforcer", 1, (), "i2")
        assert expire_orphans(connection, [same, other, later], AT) == [[], [], []]
        ((lapsed,),) = expire_orphans(connection, [successor], AT + 9)
        assert (lapsed[0].state, lapsed[0].at, lapsed[0].note, lapsed[1:]) == (
            "expired",
            AT + 9,
            RESTARTED,
            ("enforcer", "i1"),
        )
        fail_orphans(connection, [same, other, later], AT)
        assert connection.exec_driver_sql("SELECT state FROM tasks").scalar() == "working"
        fail_orphans(connection, [successor], AT)
        assert connection.exec_driver_sql("SELECT state FROM tasks").scalar() == "failed"


def test_a_task_that_does_not_change_is_not_written(store: Store) -> None:
    with store.engines[0].begin() as connection:
        follow_tasks(connection, [a_batch(1)], [[]])
        follow_tasks(connection, [a_batch(1, approvals=(an_approval(task="none"),))], [[]])
        assert connection.exec_driver_sql("SELECT count(*) FROM tasks").scalar() == 0
