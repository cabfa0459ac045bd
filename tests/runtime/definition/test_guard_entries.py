from pathlib import Path

import pytest
from definition_folder import load, plan_of, rendered

from lictor.runtime.definition.guard_entries import GuardReader
from lictor.runtime.definition.reader import read_document
from lictor.runtime.definition.spec import FileSpec
from lictor.runtime.definition.team import SourceFile


def told(folder: Path, guards: str, owner: str = "team") -> list[tuple[str, int, str, str]]:
    text = f"guards: {guards}\nagents: {{a: {{prompt: x}}}}\n"
    if owner == "agent":
        text = f"agents: {{a: {{prompt: x, guards: {guards}}}}}\n"
    return [(item.code, item.span.column, item.message, item.hint) for item in load(folder, text).problems]


@pytest.mark.parametrize(
    ("guards", "code", "column", "said", "hint"),
    [
        ("{secretz: block}", "L101", 10, "there is no guard 'secretz'", "did you mean 'secrets'?"),
        ("{ping-pong: warn}", "L101", 10, "there is no guard 'ping-pong'", "did you mean 'ping_pong'?"),
        ("{pii: redakt}", "L105", 15, "guard 'pii' cannot be 'redakt'", "did you mean 'redact'?"),
        ("{injection: redact}", "L105", 21, "guard 'injection' cannot be 'redact': it is one of off, warn", ""),
        ("{pii: 3}", "L105", 15, "guard 'pii' cannot be a number", ""),
        ("{pii: }", "L105", 15, "guard 'pii' cannot be empty", ""),
        ("{pii: {mode: true}}", "L105", 22, "guard 'pii' cannot be true or false", ""),
        ("{injection: {threshold: 1.5}}", "L118", 33, "a share is a number from 0 to 1", ""),
        ("{injection: {threshold: 101%}}", "L118", 33, "at most 1", ""),
        ("{injection: {treshold: 0.5}}", "L101", 22, "has no setting 'treshold'", "did you mean 'threshold'?"),
        ("{repetition: {max: 0}}", "L118", 28, "it is from 1 to", ""),
        ("{repetition: {max: many}}", "L118", 28, "a quantity is a whole number", ""),
        ("{repetition: {polls: status}}", "L118", 30, "it is a list of words, not text", ""),
        ("{pii: {kinds: [1]}}", "L118", 23, "it is a list of words", ""),
        ("{injection: {classifier: [x]}}", "L118", 34, "it is a text, not a list", ""),
        ("{conduct: {ask: 0.1, deny: 0.2}}", "L118", 10, "would deny before it asks", "at most ask"),
        ("{toxicity: warn}", "L102", 10, "has no classifier", "models/toxicity.onnx"),
        ("{secrets: off}", "L308", 10, "guard 'secrets' is switched off: keys, tokens", "warn would at least record"),
    ],
)
def test_what_a_guard_may_not_be(tmp_path: Path, guards: str, code: str, column: int, said: str, hint: str) -> None:
    ((found, at, message, helps),) = told(tmp_path, guards)
    assert (found, at) == (code, column)
    assert said in message
    assert hint in helps


def test_what_holds_for_the_team_is_not_an_agents(tmp_path: Path) -> None:
    assert told(tmp_path, "{loops: {max_hops: 3}, rate: 5/1s}") == []
    found = told(tmp_path, "{loops: {max_hops: 3}, rate: 5/1s}", "agent")
    assert [code for code, *_ in found] == ["L101", "L101"]
    assert all("whole team" in hint for *_, hint in found)


def test_off_where_it_is_off_anyway_is_no_warning(tmp_path: Path) -> None:
    assert told(tmp_path, "{toxicity: off, groundedness: off}") == []


def test_a_secret_is_no_setting(tmp_path: Path) -> None:
    text = "guards: {injection: {classifier: '${MY_KEY}'}}\nagents: {a: {prompt: x}}\n"
    loaded = load(tmp_path, text, MY_KEY="hidden")
    assert [problem.code for problem in loaded.problems] == ["L503"]
    assert "hidden" not in rendered(loaded)


def test_variables_are_numbers_too(tmp_path: Path) -> None:
    text = "guards: {injection: {threshold: '${T:-0.9}'}, repetition: {max: '${M}'}}\nagents: {a: {prompt: x}}\n"
    plan = plan_of(tmp_path, text, M="7")
    assert plan.guards.entries["injection"].settings["threshold"] == 0.9
    assert plan.guards.entries["repetition"].settings["max"] == 7


def test_what_is_wrong_leaves_the_rest_as_it_was(tmp_path: Path) -> None:
    document = read_document("guards: {pii: {mode: maybe, threshold: 0.9, kinds: [email]}}", "f")
    reader = GuardReader(SourceFile("f", tmp_path / "f", document, FileSpec()), ("guards",))
    (plan,) = reader.read(document.data["guards"]).values()
    assert (plan.mode, plan.settings) == ("", {"threshold": 0.9, "kinds": ("email",)})
    assert [problem.code for problem in reader.problems] == ["L105"]
