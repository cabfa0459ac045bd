from pathlib import Path

import pytest
from definition_folder import codes, load


@pytest.mark.parametrize(
    ("agents", "found"),
    [
        ("{a: {prompt: x, delegates: [b]}, b: {prompt: x}}", []),
        ("{a: {prompt: x}, b: {prompt: x}}", []),
        ("{a: {prompt: x, delegates: [b]}, b: {prompt: x}, c: {prompt: x}}", ["L303 1:58"]),
        ("{a: {prompt: x, delegates: [b]}, b: {prompt: x}, c: {prompt: x, expose: [chat], delegates: [b]}}", []),
        ("{a: {prompt: x, delegates: [b]}, b: {prompt: x, delegates: [a]}}", ["L305 1:25"]),
        (
            "{a: {prompt: x, delegates: [b]}, b: {prompt: x, delegates: [c]}, c: {prompt: x, delegates: [b]}}",
            ["L305 1:57"],
        ),
        ("{a: {prompt: x, route: in-order}}", ["L307 1:25"]),
    ],
)
def test_warnings(tmp_path: Path, agents: str, found: list[str]) -> None:
    loaded = load(tmp_path, f"agents: {agents}")
    assert codes(loaded) == found
    assert loaded.plan is not None


def test_a_circle_is_shown_and_a_limit_silences_it(tmp_path: Path) -> None:
    text = "agents: {a: {prompt: x, delegates: [b]}, b: {prompt: x, delegates: [c]}, c: {prompt: x, delegates: [a]}}\n"
    assert load(tmp_path, text).problems[0].message == "these agents can delegate in a circle: a → b → c → a"
    assert codes(load(tmp_path, f"{text}guards: {{loops: {{max_hops: 4}}}}")) == []
