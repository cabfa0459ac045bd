import hyperscan
import pytest

from lictor.guardrails.content.prefilter import NOTHING, Pattern, Prefilter, literal


def test_topics_of_all_patterns_that_match() -> None:
    prefilter = Prefilter([Pattern("number", r"[0-9]+"), Pattern("word", r"[a-z]{3,}")], [literal("dot", b".")])
    assert prefilter.topics(b"abc 12 .") == {"number", "word", "dot"}
    assert prefilter.topics(b"ab") is NOTHING
    assert prefilter.topics(b"") is NOTHING
    assert prefilter.topics(b"1") == {"number"}


def test_literals_are_literal() -> None:
    prefilter = Prefilter([literal("x", b"a.b*\x00"), literal("y", b"Key", any_case=True)])
    assert prefilter.topics(b"axb*\x00") is NOTHING
    assert prefilter.topics(b"..a.b*\x00..") == {"x"}
    assert prefilter.topics(b"kEY") == {"y"}


def test_no_patterns_and_bad_patterns() -> None:
    assert Prefilter().topics(b"x") is NOTHING
    assert Prefilter([]).topics(b"x") is NOTHING
    with pytest.raises(hyperscan.error):
        Prefilter([Pattern("x", "(")])
