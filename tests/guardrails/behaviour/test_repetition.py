from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.behaviour.content import without_changing
from lictor.guardrails.behaviour.repetition import Repetition


class Asker:
    """Makes calls of one tool and gets answers."""

    def __init__(self) -> None:
        self.repetition = Repetition()
        self.now = 0.0

    def ask(
        self,
        content: str,
        answer: str | None = "same",
        *,
        pause: float = 1.0,
        failed: bool = False,
        reads: bool = False,
    ) -> int:
        said = content.encode()
        kept, exact = self.repetition, hash(said)
        call = kept.again(exact, self.now) or kept.ask(exact, hash(without_changing(said)), said, self.now)
        counted = kept.repeated
        if answer is not None and not kept.answer(call, hash(answer), failed=failed):
            kept.learn_nothing(call, len(answer), failed=failed, reads=reads)
        self.now += pause
        return counted


def test_the_same_call_with_the_same_answer_counts_each_time() -> None:
    asker = Asker()
    assert [asker.ask("x") for _ in range(8)] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_calls_that_are_not_answered_count_too() -> None:
    asker = Asker()
    assert [asker.ask("x", None) for _ in range(6)] == [1, 2, 3, 4, 5, 6]


def test_progress_makes_repetitions_count_less() -> None:
    asker = Asker()
    counts = [asker.ask("run the tests", f"{number} failed") for number in range(17)]
    assert counts[-1] == 5


def test_new_requests_in_between_are_progress() -> None:
    asker, words = Asker(), ["git", "hill", "moss", "pull", "shop", "to us", "wish", "yolk", "zoom"]
    counts = []
    for word in words:
        counts.append(asker.ask("what time is it"))
        asker.ask(word)
    assert max(counts) <= 3


def test_who_begins_to_back_off_is_let_through_again() -> None:
    asker = Asker()
    assert [asker.ask("status", "pending") for _ in range(6)][-1] == 6
    assert [asker.ask("status", "pending", pause=2.0**number) for number in range(1, 6)] == [7, 6, 5, 4, 3]


def test_pauses_that_grow_are_free() -> None:
    asker = Asker()
    assert max(asker.ask("status", "pending", pause=2.0**number) for number in range(12)) == 2


def test_irregular_pauses_are_no_backing_off() -> None:
    asker = Asker()
    pauses = [1.0, 3.0, 1.0, 3.0, 2.0, 3.0, 1.5, 3.0, 2.5, 3.0]
    assert [asker.ask("status", "pending", pause=pause) for pause in pauses][-1] >= 7


def test_time_forgives() -> None:
    asker = Asker()
    assert max(asker.ask("alerts", "none", pause=300.0) for _ in range(30)) <= 2


def test_calls_that_only_noise_tells_apart_are_the_same() -> None:
    asker = Asker()
    counts = [asker.ask(f'{{"q":"x","at":"2026-11-24T12:{number:02}:00Z"}}') for number in range(8)]
    assert counts == [1, 2, 3, 4, 5, 6, 7, 8]


def test_long_calls_that_only_noise_tells_apart_are_found_later() -> None:
    asker = Asker()
    text = "look at the shop in the hills " * 12
    assert [asker.ask(f"attempt {number}: {text}") for number in range(8)] == [1, 1, 1, 2, 3, 4, 5, 6]


def near(asker: Asker, calls: list[str], answer: str | None, **more: bool) -> int:
    found = 0
    for call in calls:
        asker.ask(call, answer, **more)
        found = max(found, asker.repetition.near)
    return found


def test_near_duplicates_that_find_the_same() -> None:
    calls = [f'{{"q":"hotels {number}"}}' for number in range(10)]
    assert near(Asker(), calls, "x" * 300) >= 7
    assert near(Asker(), calls, "not found", failed=True) >= 7
    assert near(Asker(), calls, "nothing", reads=True) >= 7
    assert near(Asker(), calls, "ok") >= 6


def test_near_duplicates_that_find_something_new() -> None:
    asker = Asker()
    for number in range(40):
        asker.ask(f"page {number}", f"content of {number}")
        assert asker.repetition.near == 0


def test_doing_the_same_to_many_things_is_work() -> None:
    identifiers = [1000 + 37 * number * number for number in range(40)]
    assert near(Asker(), [f"close ticket {each}" for each in identifiers], "ok") <= 2


def test_work_that_is_divided_at_once_is_work() -> None:
    asker = Asker()
    for number in range(32):
        asker.ask(f"summarise file_{number}.txt", None, pause=0.01)
    assert asker.repetition.near <= 5
    assert asker.repetition.divided


def test_the_same_long_answer_again_and_again_is_stale() -> None:
    asker = Asker()
    for word in ["git", "hill", "moss", "pull", "shop", "wish"]:
        asker.ask(f"find {word}", "nothing was found, and this is said at length " * 5)
    assert asker.repetition.stale == 5
    asker.ask("find lisp", "something")
    assert asker.repetition.stale == 0


def test_short_acknowledgements_are_not_stale() -> None:
    asker = Asker()
    for word in ["git", "hill", "moss", "pull", "shop", "wish"]:
        asker.ask(f"tell {word}", "ok")
    assert asker.repetition.stale == 0


ASKED = st.tuples(
    st.sampled_from(["x", "y 1", "y 2", '{"ts":1}', '{"ts":2}', "z" * 400, ""]),
    st.sampled_from([None, "a", "b", "c" * 400]),
    st.floats(-5, 1000),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(ASKED, max_size=120))
def test_deterministic_and_within_bounds(asked: list[tuple[str, str | None, float, bool, bool]]) -> None:
    one, other = Asker(), Asker()
    for content, answer, pause, failed, reads in asked:
        for asker in (one, other):
            asker.ask(content, answer, pause=pause, failed=failed, reads=reads)
        assert one.repetition.repeated == other.repetition.repeated
        assert one.repetition.near == other.repetition.near
        assert 1 <= one.repetition.repeated <= 99
        assert 0 <= one.repetition.near <= 99


def test_memory_is_bounded() -> None:
    asker = Asker()
    for number in range(3000):
        asker.ask("".join(chr(103 + int(digit)) for digit in str(number)), f"answer {number}")
    kept = asker.repetition
    assert max(len(kept._calls), len(kept._families), len(kept._answers)) <= 64
