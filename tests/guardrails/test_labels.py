"""Labels are a lattice: joins are commutative, associative, idempotent, and never lose anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.labels import MANY, NO_LABELS, Labels, Level, UnknownLabel, parse_labels

LABELS = st.builds(
    Labels,
    st.sampled_from(Level),
    st.booleans(),
    st.frozensets(st.sampled_from(["customer", "legal", "hr"])),
    st.frozensets(st.sampled_from(["tool-crm", "op-cli", "ext-bob", "model-small"])),
)


@given(LABELS, LABELS, LABELS)
def test_joins_are_those_of_a_lattice(one: Labels, other: Labels, third: Labels) -> None:
    assert one.join(other) == other.join(one)
    assert one.join(other).join(third) == one.join(other.join(third))
    assert one.join(one) is one
    assert one.join(NO_LABELS) == one
    joined = one.join(other)
    assert joined.level >= max(one.level, other.level)
    assert joined.untrusted == (one.untrusted or other.untrusted)
    assert joined.tags == one.tags | other.tags
    assert joined.sources == one.sources | other.sources


@given(LABELS, LABELS)
def test_a_join_that_adds_nothing_gives_the_same_object(one: Labels, other: Labels) -> None:
    joined = one.join(other)
    assert joined.join(other) is joined or joined.join(other) == joined


def test_sources_that_are_too_many_are_told_as_many() -> None:
    joined = NO_LABELS
    for number in range(100):
        joined = joined.join(Labels(sources=frozenset({f"tool-{number:03}"})))
    assert len(joined.sources) == 32
    assert MANY in joined.sources


@given(LABELS)
def test_words_and_back(labels: Labels) -> None:
    assert parse_labels(labels.words(), labels.sources) == labels
    assert labels.text() == ",".join(labels.words())


def test_words() -> None:
    assert parse_labels(["untrusted", "internal", "secret", "customer"]).words() == ("secret", "untrusted", "customer")
    assert parse_labels(["public", "trusted"]) == NO_LABELS
    assert NO_LABELS.text() == ""
    assert Level.SECRET.word == "secret"


@pytest.mark.parametrize("word", ["", "Secret", "a b", "9", "x" * 64, "a,b", "ü"])
def test_a_word_that_is_no_label(word: str) -> None:
    with pytest.raises(UnknownLabel, match="is no label"):
        parse_labels([word])
