"""Where the embedded engine is not OPA, it is given another text; what it then answers is what OPA answers."""

import pytest
from small_bundle import USER, small_bundle, tree_of

from lictor.guardrails.policy.adaptation import adapt
from lictor.guardrails.policy.embedded_rego import EmbeddedRego

COLLECT = """
route := {"allow": false, "denials": denials, "asks": [], "obligations": []} if {
	denials := [{"code": "c", "reason": said, "rule": "r"} | some said in data.lictor.user.house.deny]
}
"""


def reasons(rule: str, document: dict[str, object]) -> set[str]:
    """Return what a user's rule says, by an entry point that passes it on."""
    return {each.reason for each in EmbeddedRego(small_bundle(COLLECT, USER + rule)).decide("route", document).denials}


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        ("deny contains format_int(count(input.a), 10) if input.a\n", "a\u2603\U0001f600", {"3"}),
        ("deny contains format_int(count(input.a), 10) if input.a\n", ["a", "b"], {"2"}),
        ("deny contains format_int(count(input.a), 10) if input.a\n", {"a": 1}, {"1"}),
        ("deny contains lower(input.a) if input.a\n", "\u0130\u0391\u03a3", {"i\u03b1\u03c3"}),
        ("deny contains item if { some item in input.a }\n", ["x"], {"x"}),
        ("deny contains item if { some item in input.a }\n", {"k": "x"}, {"x"}),
        ("deny contains item if { some item in input.a }\n", 5, set()),
        ("deny contains item if { some item in input.a }\n", "text", set()),
        ("deny contains item if { some item in input.a }\n", None, set()),
        ("deny contains key if { some key, _ in input.a }\n", {"k": "x"}, {"k"}),
    ],
)
def test_answers(rule: str, value: object, said: set[str]) -> None:
    assert reasons(rule, {"a": value}) == said


def test_what_cannot_differ_stays() -> None:
    text = f"{USER}x := count({{1 | input.a}})\n\ny if {{\n\tsome z in [1, 2]\n\tz == input.a\n}}\n"
    assert adapt(text, tree_of(text)) == text


def test_of_what_is_built_in_only_what_looks_into_a_message_changes() -> None:
    text = f"{USER}x := count(data.lictor.team.agents)\n\ny := count(input.a)\n"
    assert adapt(text, tree_of(text), built_in=True) == text.replace(
        "count(input.a)", "data.lictor.rego.counted(input.a)"
    )


def test_lines_and_signs_of_more_bytes_stay_where_they_are() -> None:
    text = f'{USER}# ä☃\nx := "ü" if lower(input.a) == "ä"\n\ny := count(input.b)\n'
    adapted = adapt(text, tree_of(text))
    assert adapted.count("\n") == text.count("\n")
    assert 'x := "ü" if data.lictor.rego.lowered(input.a) == "ä"' in adapted


@pytest.mark.parametrize(
    "line", ["import data.lictor.user.b", "import data.lictor.user.b as b", "import data.lictor.user.b as q"]
)
def test_what_is_imported_has_a_name_and_functions(line: str) -> None:
    name = line.rpartition(" ")[2].rpartition(".")[2]
    text = f"package lictor.user.house\n\nimport rego.v1\n{line}\n\ndeny contains {name}.f(input.a) if {name}.on\n"
    other = "package lictor.user.b\n\nimport rego.v1\n\non := true\n\nf(x) := x\n\ndeny contains 1 if input.b\n"
    engine = EmbeddedRego(small_bundle(COLLECT, text, other))
    assert [each.reason for each in engine.decide("route", {"a": "x"}).denials] == ["x"]
