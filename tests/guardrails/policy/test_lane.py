import threading
import time

import pytest

from lictor.guardrails.policy.lane import Lane, LaneTimeout


def test_answers_and_errors_come_back() -> None:
    lane: Lane[int] = Lane("test")
    assert [lane.call(lambda: 1, 5), lane.call(lambda: 2, 5)] == [1, 2]
    with pytest.raises(ZeroDivisionError):
        lane.call(lambda: 1 // 0, 5)
    assert lane.call(lambda: 3, 5) == 3
    lane.close()


def test_one_thread_makes_all_calls() -> None:
    lane: Lane[int] = Lane("test")
    assert len({lane.call(threading.get_ident, 5) for _ in range(5)}) == 1
    lane.close()


def test_a_late_call_is_left_behind() -> None:
    lane: Lane[bool] = Lane("test")
    release = threading.Event()
    began = time.monotonic()
    with pytest.raises(LaneTimeout, match=r"0\.05 s"):
        lane.call(release.wait, 0.05)
    assert time.monotonic() - began < 5
    assert lane.call(lambda: True, 5)
    release.set()
    lane.close()


def test_calls_that_never_end_cost_so_many_threads_and_no_more() -> None:
    lane: Lane[bool] = Lane("stuck")
    release = threading.Event()
    for _ in range(4):
        with pytest.raises(LaneTimeout, match="no answer"):
            lane.call(release.wait, 0.01)
    with pytest.raises(LaneTimeout, match="4 earlier calls"):
        lane.call(release.wait, 5)
    stuck = [thread for thread in threading.enumerate() if thread.name == "stuck"]
    assert len(stuck) == 4
    release.set()
    for thread in stuck:
        thread.join(5)
    assert lane.call(lambda: True, 5)
    lane.close()
