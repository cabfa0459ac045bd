"""The schedule: fair turns, shared prefixes, cells that always suffice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.runtime.inference.schedule import Job, Schedule


def job(prompt: str, most: int = 4, sender: str = "a") -> Job:
    return Job([ord(c) for c in prompt], most, sender)


def compute(schedule: Schedule, most: int = 64, chunk: int = 8) -> list[int]:
    """Run one step; return the sequences whose next token is to be sampled."""
    rows = schedule.rows(most, chunk)
    schedule.computed(rows)
    return [row.slot for row in rows if row.sampled]


def run(schedule: Schedule, each: Job) -> None:
    """Run a job that is alone to its end."""
    schedule.add(each)
    assert schedule.start() is not None
    while len(each.generated) < each.most:
        if compute(schedule):
            each.generated.append(0)
    schedule.finish(each)


def test_a_prompt_is_read_once_and_its_last_token_is_sampled() -> None:
    schedule = Schedule(2, 100)
    one = job("hello")
    schedule.add(one)
    assert schedule.start() is not None
    rows = schedule.rows(64, 8)
    assert [(row.token, row.position) for row in rows] == [(ord(c), i) for i, c in enumerate("hello")]
    assert [row.sampled for row in rows] == [False, False, False, False, True]
    schedule.computed(rows)
    one.generated.append(99)
    (row,) = schedule.rows(64, 8)
    assert (row.token, row.position, row.sampled) == (99, 5, True)


def test_a_long_prompt_never_stalls_those_that_generate() -> None:
    schedule = Schedule(2, 1000)
    first, long = job("ab"), job("x" * 100)
    schedule.add(first)
    schedule.start()
    compute(schedule)
    first.generated.append(1)
    schedule.add(long)
    schedule.start()
    rows = schedule.rows(64, 8)
    assert len(rows) == 9
    assert rows[0].slot == first.slot
    assert rows[0].sampled


def test_a_prompt_that_begins_as_a_finished_one_takes_it_over() -> None:
    schedule = Schedule(2, 100)
    run(schedule, job("system one"))
    other = job("system two")
    schedule.add(other)
    start = schedule.start()
    assert start is not None
    assert (start.slot, start.source, start.keep, other.reused) == (0, 0, len("system "), len("system "))
    assert "".join(chr(row.token) for row in schedule.rows(64, 8)) == "two"


def test_a_long_cache_is_copied_from_and_kept() -> None:
    schedule = Schedule(2, 100)
    run(schedule, job("system: a long conversation"))
    schedule.add(job("system: b"))
    start = schedule.start()
    assert start is not None
    assert (start.slot, start.source, start.keep) == (1, 0, len("system: "))


def test_the_same_prompt_again_computes_only_its_last_token() -> None:
    schedule = Schedule(1, 100)
    run(schedule, job("again"))
    again = job("again")
    schedule.add(again)
    start = schedule.start()
    assert start is not None
    assert (start.slot, start.source, start.keep) == (0, 0, 4)
    assert [row.position for row in schedule.rows(64, 8)] == [4]


def test_a_running_prompt_is_shared_too() -> None:
    schedule = Schedule(2, 100)
    schedule.add(job("system one"))
    schedule.start()
    compute(schedule)
    schedule.add(job("system two"))
    start = schedule.start()
    assert start is not None
    assert (start.source, start.slot, start.keep) == (0, 1, 7)


def test_the_sender_with_fewest_running_comes_first() -> None:
    schedule = Schedule(2, 1000)
    greedy = [job(f"a{n}") for n in range(3)]
    for each in greedy:
        schedule.add(each)
    schedule.start()
    modest = job("b", sender="b")
    schedule.add(modest)
    start = schedule.start()
    assert start is not None
    assert start.job is modest
    assert schedule.waiting == 2


def test_a_job_waits_until_its_cells_are_free_and_caches_give_way() -> None:
    schedule = Schedule(3, 20)
    run(schedule, job("cached", 2))
    big = job("0123456789", 6)
    schedule.add(big)
    start = schedule.start()
    assert start is not None
    assert start.cleared == (0,)
    second = job("second", 4)
    schedule.add(second)
    assert schedule.start() is None
    schedule.finish(big)
    assert schedule.start() is not None


def test_a_cancelled_job_frees_its_place_whether_it_waits_or_runs() -> None:
    schedule = Schedule(1, 100)
    running, waiting, next_one = job("a"), job("b"), job("c")
    for each in (running, waiting, next_one):
        schedule.add(each)
    schedule.start()
    schedule.finish(waiting)
    schedule.finish(running)
    start = schedule.start()
    assert start is not None
    assert start.job is next_one


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(alphabet="ab", min_size=1, max_size=12), st.integers(1, 6), st.sampled_from("xyz")),
        min_size=1,
        max_size=12,
    ),
    st.data(),
)
def test_every_job_ends_and_no_more_cells_are_used_than_there_are(
    wanted: list[tuple[str, int, str]], data: st.DataObject
) -> None:
    cells, slots = 20, 3
    schedule = Schedule(slots, cells)
    held: dict[int, list[int]] = {slot: [] for slot in range(slots)}
    jobs = [job(*each) for each in wanted]
    for each in jobs:
        schedule.add(each)
    left = set(jobs)
    for _ in range(1000):
        if not left:
            break
        while (start := schedule.start()) is not None:
            for slot in start.cleared:
                held[slot] = []
            held[start.slot] = held[start.source][: start.keep]
            assert held[start.slot] == list(start.job.prompt[: start.keep])
        rows = schedule.rows(8, 4)
        for row in rows:
            assert len(held[row.slot]) == row.position
            held[row.slot].append(row.token)
        assert sum(map(len, held.values())) <= cells
        schedule.computed(rows)
        owners = {each.slot: each for each in schedule.running}
        for row in rows:
            if row.sampled:
                owner = owners[row.slot]
                owner.generated.append(data.draw(st.integers(97, 98)))
                if len(owner.generated) == owner.most:
                    schedule.finish(owner)
                    left.discard(owner)
    assert not left
