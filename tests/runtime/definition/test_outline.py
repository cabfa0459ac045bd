import json
from pathlib import Path

import pytest
from definition_folder import plan_of, write

from lictor.runtime.definition.outline import hide, outline_plan, show_place, show_rate, show_seconds
from lictor.runtime.definition.plan import Place

TEAM = """\
runtime: {store: 'postgresql://u:${DB_PASSWORD}@h/d'}
models: {m: {openai: 'http://x/v1', model: y, api_key: '${M_KEY}'}}
agents:
  triage: {prompt: x, delegates: [retriever], model: m}
  retriever:
    prompt: x
    model: m
    tools:
      - mcp: /bin/sh -c true
        env: {T: '${file:t}', PLAIN: v}
        permit: {allow: [find], deny: [rm]}
"""


def test_everything_is_in_it_and_no_secret(tmp_path: Path) -> None:
    write(tmp_path, {"t": "hidden-3"})
    (tmp_path / "t").chmod(0o600)
    outline = outline_plan(plan_of(tmp_path, TEAM, M_KEY="hidden-1", DB_PASSWORD="hidden-2"))
    text = json.dumps(outline, ensure_ascii=False)
    assert "hidden" not in text
    assert outline["store"] == "postgresql://u:‹secret›@h/d"
    triage, retriever = outline["agents"]
    assert outline["entry"] == "triage"
    assert (triage["delegates"], retriever["delegated_by"]) == (["retriever"], ["triage"])
    assert retriever["nats"] == {
        "publishes": ["lictor.out.retriever.>"],
        "subscribes": ["lictor.in.retriever.>", "_INBOX_retriever.>"],
    }
    assert retriever["tools"][0]["otherwise"] == "ask"
    assert retriever["lines"] == "team.yaml:5-11"
    assert outline["tools"][0]["environment"] == {"T": "‹secret›", "PLAIN": "v"}
    assert outline["models"][0]["api_key"] == "‹secret›"


def test_what_protects_the_team_is_in_it(tmp_path: Path) -> None:
    text = """\
runtime: {policy: {engine: opa, url: 'http://u:hidden@opa:8181', token: '${OPA_TOKEN}'}}
guards: {pii: redact}
approvals: {timeout: 90s, tools: {send: {by: [op-ana]}}}
agents:
  a:
    prompt: x
    guards: {repetition: {max: 3}}
    contract: {contract: 1, tools: {}}
    budget: {ask_at: 80%}
    hours: ["mon-fri 08:00-18:00"]
    tools:
      - mcp: https://crm.example/mcp
        permit: {allow: [find, 'send(to=*@x.com)']}
        refuse: [secret]
"""
    outline = outline_plan(plan_of(tmp_path, text, OPA_TOKEN="hidden"))
    assert "hidden" not in json.dumps(outline, ensure_ascii=False)
    assert outline["policy"] == {
        "engine": "opa",
        "url": "http://u:‹secret›@opa:8181",
        "token": "‹secret›",
        "timeout": "250ms",
        "push": True,
    }
    assert outline["guards"]["pii"] == {"mode": "redact", "threshold": 0.5, "kinds": []}
    assert outline["guards"]["taint"] == "ask"
    assert outline["approvals"]["tools"] == {"send": {"by": ["op-ana"], "timeout": "90s", "people": 1}}
    (agent,) = outline["agents"]
    assert list(agent["guards"]) == ["repetition"]
    assert (agent["clearance"], agent["contract"], agent["budget"]["ask_at"]) == ("internal", True, "80%")
    assert agent["hours_utc"] == ["mon-fri 08:00-18:00"]
    assert agent["tools"][0]["allow"] == ["find", "send(to=*@x.com)"]
    assert (agent["tools"][0]["labels"], agent["tools"][0]["refuse"]) == (["untrusted"], ["secret"])
    assert (outline["tools"][0]["clearance"], outline["models"][0]["remote"]) == ("internal", False)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.5, "500ms"), (1.5, "1.5s"), (30, "30s"), (60, "1m"), (90, "90s"), (7200, "2h")]
)
def test_durations_read_as_they_are_written(seconds: float, text: str) -> None:
    assert show_seconds(seconds) == text
    assert show_rate(3, seconds) == f"3/{text}"


def test_addresses_lose_what_is_secret() -> None:
    assert hide("nats://u:p@h:1") == "nats://u:‹secret›@h:1"
    assert hide("https://h/x?api_key=abc&b=c") == "https://h/x?api_key=‹secret›&b=c"
    assert hide("sqlite:////a:b/c.db") == "sqlite:////a:b/c.db"


def test_places() -> None:
    assert show_place(Place("f", 3)) == "f:3"
    assert show_place(Place("f", 3, 1, 9)) == "f:3-9"
