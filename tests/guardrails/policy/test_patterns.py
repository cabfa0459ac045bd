import re

import pytest

from lictor.guardrails.policy.patterns import complaint_about

ALIKE = (
    "^a+$", r"(?i)^[a-z0-9._%+-]+@x\.com$", "a{2,}", "a{1,3}?", r"[^\]]", "(?P<n>a)|b", "(?:a|b)*?", "[[:alpha:]]",
    "[]a]",
    r"[a-z\x{e0}-\x{ff}\p{L}]", r"\p{Lu}\PN", "é+", r"\x41\n\t", ".", "", "a-b", "^$", "(?s).", "(?i-s:a)",
    r"\.\*\\\/\[",
)  # fmt: skip
UNLIKE = (
    r"\d", r"[\d]", r"[\w.-]+@x", r"\bword", r"\s", "a{1001}", "[a&&b]", "[a--b]", "[a~~b]", "(?x)a", r"\p{Greek}",
    r"\p{greek}", r"\Aa", r"a\z", "[a[b]]", "(?<n>a)", "a**", "a*+", "a{2}{3}", r"\Qa\E", "a{,3}", r"\1", "(?=a)",
    "(?#c)",
    r"\u0041", r"\pQ", "(?U)a", "a{", "]",
)  # fmt: skip


@pytest.mark.parametrize("pattern", ALIKE)
def test_what_every_engine_reads_alike(pattern: str) -> None:
    assert complaint_about(pattern) == ""


@pytest.mark.parametrize("pattern", UNLIKE)
def test_what_one_reads_otherwise_or_not_at_all(pattern: str) -> None:
    assert complaint_about(pattern)


def test_it_says_what_to_write() -> None:
    assert "[0-9]" in complaint_about(r"^\d+$")
    assert "^ and $" in complaint_about(r"\Aa")
    assert re.search(r"'\(\?=a\)'", complaint_about("x(?=a)"))
