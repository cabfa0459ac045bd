from pathlib import Path

from definition_folder import load, rendered
from hypothesis import given
from hypothesis import strategies as st

from lictor.runtime.definition.problem import Problem, Severity, Span
from lictor.runtime.definition.render import render_problems


def test_a_slip_of_each_kind_with_its_carets(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """\
agents:
  triage:
    description: Decides.
    promt: Decide who answers.
    delegates: [retreiver]
    timeout: 5 minutes
  retriever: {prompt: Find.}
""",
    )
    assert (
        rendered(loaded)
        == """\
error[L101]: unknown key 'promt' in agents.triage
  --> team.yaml:4:5
   |
 4 |     promt: Decide who answers.
   |     ^^^^^ did you mean 'prompt'?

error[L201]: agent 'triage' delegates to 'retreiver', which is not defined
  --> team.yaml:5:17
   |
 5 |     delegates: [retreiver]
   |                 ^^^^^^^^^ did you mean 'retriever'?

error[L103]: a duration is a number with a unit, e.g. 500ms, 30s, 5m, 2h
  --> team.yaml:6:14
   |
 6 |     timeout: 5 minutes
   |              ^^^^^^^^^

"""
    )


def test_duplicates_show_both_lines(tmp_path: Path) -> None:
    loaded = load(tmp_path, "agents:\n  a: {prompt: x}\n\n  b: {prompt: y}\n  a: {prompt: z}\n")
    assert (
        rendered(loaded)
        == """\
error[L108]: duplicate key 'a' in agents
  --> team.yaml:5:3
   |
 2 |   a: {prompt: x}
   |   - first here
...
 5 |   a: {prompt: z}
   |   ^

"""
    )


def test_a_name_defined_in_two_files_shows_both(tmp_path: Path) -> None:
    loaded = load(
        tmp_path, "include: [more/b.yaml]\nagents: {a: {prompt: x}}\n", {"more/b.yaml": "agents:\n  a: {prompt: y}\n"}
    )
    assert (
        rendered(loaded)
        == """\
error[L205]: agent 'a' is defined twice
  --> more/b.yaml:2:3
   |
 2 |   a: {prompt: y}
   |   ^
  --> team.yaml:2:10
   |
 2 | agents: {a: {prompt: x}}
   |          - first here

"""
    )


def test_a_variable_that_is_not_set(tmp_path: Path) -> None:
    loaded = load(tmp_path, "agents:\n  a:\n    prompt: x\n    model: local/${MODLE}\n", MODEL="m")
    assert "error[L502]: variable 'MODLE' is not set\n  --> team.yaml:4:18\n" in rendered(loaded)
    assert "|                  ^^^^^^^^ did you mean 'MODEL'?\n" in rendered(loaded)


def test_rego_is_shown_where_the_engine_stopped(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        "agents: {a: {prompt: x}}\npolicies: [p/*.rego]\n",
        {"p/x.rego": 'package lictor.user.x\n\nimport rego.v1\n\ndeny contains d if { d := {"a": y} }\n'},
    )
    assert (
        rendered(loaded)
        == """\
error[L401]: Rego: var is unsafe
  --> p/x.rego:5:33
   |
 5 | deny contains d if { d := {"a": y} }
   |                                 ^

"""
    )


def test_a_pasted_credential_is_not_shown_again(tmp_path: Path) -> None:
    key = "sk-0123456789abcdefghij"
    loaded = load(
        tmp_path,
        f"models: {{m: {{openai: x, model: y, api_key: {key}, foo: 1}}}}\nagents: {{a: {{prompt: x, model: m}}}}",
    )
    found = rendered(loaded)
    assert "unknown key 'foo'" in found
    assert key not in found


def test_wide_and_invisible_characters(tmp_path: Path) -> None:
    del tmp_path
    text = "日本: é\u202e\x1b[31m x"
    shown = render_problems([Problem("L104", "no\x1b[0m", Span("f", 1, 10, 2))], {"f": text})
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    line, carets = shown.splitlines()[3:5]
    assert line == " 1 | 日本: é··[31m x"
    assert carets.index("^") == line.index("1m") + 2, "two wide characters take two cells more than they are characters"


def test_long_lines_are_cut_around_the_caret() -> None:
    shown = render_problems([Problem("L104", "m", Span("f", 1, 500, 3))], {"f": "x" * 499 + "yyy" + "z" * 500})
    line, carets = shown.splitlines()[3:5]
    assert len(line) < 180
    start = carets.index("^")
    assert line[start : start + 3] == "yyy"


def test_without_the_text_the_hint_still_stands() -> None:
    problem = Problem("L506", "m", Span(".env", 3), "do this", Severity.WARNING)
    assert render_problems([problem], {}) == "warning[L506]: m\n  --> .env:3:1\n  = do this\n\n"


def test_color_is_only_added() -> None:
    problem = Problem("L104", "m", Span("f", 1, 1, 1), "h")
    shown = render_problems([problem], {"f": "x"}, color=True)
    assert "\x1b[1;31merror[L104]\x1b[0m" in shown


@given(st.text(max_size=40), st.integers(0, 5), st.integers(1, 60), st.integers(1, 60))
def test_no_place_makes_it_raise(text: str, line: int, column: int, width: int) -> None:
    assert render_problems([Problem("L101", text, Span("f", line, column, width), text)], {"f": text})
