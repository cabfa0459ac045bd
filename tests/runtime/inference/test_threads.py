"""Fewer threads are safer: never all cores, and one where there are two or where others work."""

import os

import pytest

from lictor.runtime.inference.threads import calm_openmp, choose_threads, default_threads, physical_cores


@pytest.mark.parametrize(
    ("physical", "load", "threads"),
    [(1, 0, 1), (2, 0, 1), (4, 0, 3), (4, 3.2, 1), (4, 9, 1), (8, 0.5, 7), (8, 4, 4), (64, 0, 8), (64, 60, 4)],
)
def test_threads_by_cores_and_load(physical: int, load: float, threads: int) -> None:
    assert choose_threads(physical, load) == threads


def test_this_machine_gets_at_least_one_thread_and_never_more_than_its_cores() -> None:
    assert 1 <= default_threads() <= max(1, physical_cores())
    assert physical_cores() <= len(os.sched_getaffinity(0))


def test_a_policy_that_was_set_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    calm_openmp()
    assert os.environ["OMP_WAIT_POLICY"] == "passive"
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    calm_openmp()
    assert os.environ["OMP_WAIT_POLICY"] == "active"
