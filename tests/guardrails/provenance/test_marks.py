"""Joining marks, and keeping them."""

from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.labels import Labels, Level, Mark
from lictor.guardrails.provenance.marks import (
    add_labels,
    join_marks,
    place_cause,
    read_mark,
    settle_causes,
    unknown,
    write_mark,
)
from lictor.protocols.record import MarkEntry

LABELS = st.builds(
    Labels,
    st.sampled_from(Level),
    st.booleans(),
    st.frozensets(st.sampled_from(["customer", "press", "x"])),
    st.frozensets(st.sampled_from(["op-cli", "tool-a", "tool-b"])),
)
MARKS = LABELS.flatmap(
    lambda labels: st.just(Mark(labels, tuple((word, f"m{number}") for number, word in enumerate(labels.words()))))
)


@given(MARKS, MARKS, MARKS)
def test_a_join_is_the_least_mark_above_both(one: Mark, two: Mark, three: Mark) -> None:
    joined = join_marks(one, two)

    assert joined.labels == one.labels.join(two.labels) == join_marks(two, one).labels
    assert join_marks(one, one) is one
    assert join_marks(joined, one).labels == joined.labels
    assert join_marks(joined, three).labels == join_marks(one, join_marks(two, three)).labels
    assert {word for word, _ in joined.causes} == set(joined.labels.words())
    assert all(cause == dict(one.causes)[word] for word, cause in joined.causes if word in dict(one.causes))


@given(MARKS)
def test_a_mark_is_read_as_it_was_written(mark: Mark) -> None:
    assert read_mark(write_mark("store:tool-a", mark)) == mark


@given(MARKS)
def test_what_is_unknown_is_above_everything(mark: Mark) -> None:
    above = unknown("forgotten")

    assert join_marks(above, mark).labels.level is Level.SECRET
    assert above.labels.untrusted
    assert "*" in above.labels.tags
    assert read_mark(write_mark("store:x", above)) == above


def test_an_entry_that_cannot_be_read_is_above_everything() -> None:
    assert "*" in read_mark(MarkEntry("store:x", "Not A Label", "")).labels.tags
    assert "*" in read_mark(MarkEntry("store:x", "secret", "{")).labels.tags


def test_causes() -> None:
    mark = add_labels(Mark(), Labels(Level.INTERNAL, untrusted=True), place_cause("tool-crm", "t.yaml:3"))
    assert dict(mark.causes) == {"internal": "principal tool-crm t.yaml:3", "untrusted": "principal tool-crm t.yaml:3"}
    assert dict(settle_causes(mark, "m7").causes) == {"internal": "m7", "untrusted": "m7"}
    assert add_labels(mark, Labels(), "x") is mark
    assert settle_causes(Mark(), "m7") == Mark()
