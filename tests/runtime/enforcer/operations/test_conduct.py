"""Conduct: an operator sees the scores, and can hold nothing against someone any more."""

import json
from typing import Any

from playbook import Playbook, call, says, started


def operate(play: Playbook, tool: str, **arguments: object) -> dict[str, Any]:
    play.out.clear()
    play >> says("op-cli", "enforcer", call(tool, **arguments), kind="mcp", task="own")
    told: dict[str, Any] = json.loads(play.out.pop(0).body)["result"]
    play.out.clear()
    return told


def test_scores_and_release() -> None:
    play = Playbook()
    started(play)
    assert operate(play, "conduct.show")["structuredContent"] == {"scores": {}}
    for number in range(8):
        play >> says("triage", "clerk", task="task-1")
        play.out.clear()
        assert play.entry.outcome != "allow", number
    scores = operate(play, "conduct.show")["structuredContent"]["scores"]
    assert scores["triage"] < 1.0
    released = operate(play, "conduct.release", principal="triage")["structuredContent"]
    assert released == {"principal": "triage", "before": scores["triage"]}
    assert operate(play, "conduct.show")["structuredContent"] == {"scores": {}}


def test_wrong_arguments() -> None:
    assert operate(Playbook(), "conduct.release", who="triage")["isError"]
