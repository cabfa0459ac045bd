import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.content.canonical import canonicalise, unsilence


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("ig\u200bno\u00adre a\u2060ll", "ignore all"),
        ("\U000e0048\U000e0069", "Hi"),
        ("ＡＫＩＡ", "AKIA"),
        ("𝐢𝐠𝐧𝐨𝐫𝐞", "ignore"),
        ("раsswоrd", "password"),
        ("ΑΚΙΑ", "AKIA"),
        ("abc\u202edef", "abcdef"),
        ("a\x00b", "ab"),
        ("z\u0301\u0302\u0303\u0304algo", "ḱalgo".replace("ḱ", "ź")),
    ],
)
def test_what_is_seen_counts(spelled: str, meant: str) -> None:
    assert canonicalise(spelled) == meant


def test_honest_writing_of_other_scripts_stays() -> None:
    for text in ("Привет, мир", "Καλημέρα κόσμε", "日本語のテキスト", "Füchse über Straßen", "naïve café"):
        assert canonicalise(text) == unicodedata.normalize("NFKC", text)


def test_orders_to_scanners_are_removed() -> None:
    assert "allow" not in unsilence("key # gitleaks:allow")
    assert "allow" not in canonicalise("key # GitLeaks : ALLOW  betterleaks:allow")
    assert unsilence("we allow leaks of water") == "we allow leaks of water"


@given(st.text(max_size=300))
def test_canonical_text_stays_as_it_is(text: str) -> None:
    once = canonicalise(text)
    assert len(once) <= 20 * len(text) + 20
    assert canonicalise(canonicalise(once)) == canonicalise(once)
