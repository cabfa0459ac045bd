import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from record_entries import AT, a_batch, a_verdict, an_approval, an_entry
from recorded_desk import Desk, record_desk
from typer.testing import CliRunner

from lictor.protocols.record import MessageEntry, ShadowEntry
from lictor.runtime.cli.commands.policy import app
from lictor.runtime.cli.commands.policy_explain import LAYERS
from lictor.runtime.definition.load import load_plan
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.store.store import open_store


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LICTOR_STORE", raising=False)
    return record_desk(tmp_path)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def store_it(folder: Path, *entries: MessageEntry, **given: Any) -> None:
    with open_store(f"sqlite:///{folder}/.lictor/lictor.db") as store:
        store.writer.write_batches([a_batch(2, *entries, **given)])


def test_a_denial_is_explained_layer_by_layer(desk: Desk) -> None:
    lines = [line.split("\t") for line in run("explain", desk.refused.id[:2]).splitlines()]
    assert lines[0][0].endswith("writer → triage  a2a  SendMessage")
    assert lines[2] == ["LAYER", "VERDICT", "µS", "REASON", "RULE", "WHERE"]
    assert lines[3] == ["identify", "allow", "12", "-", "-", "-"]
    assert lines[5] == [
        "route",
        "deny",
        "12",
        "no such edge: writer has no delegates",
        "data.lictor.rules.route.edge.deny",
        "desk.yaml:7",
    ]
    assert lines[6:] == [
        [layer, "not run", "-", "denied above, by route", "-", "-"] for layer in ("flow", "content", "behaviour")
    ]


def test_layers_behind_a_denial_were_not_run(tmp_path: Path) -> None:
    stale = a_verdict("identify", "deny", reason="stale", code="identify.stale")
    store_it(tmp_path, an_entry(id="08" + "0" * 30, outcome="deny", verdicts=(stale,)))
    document = json.loads(run("explain", "08", "-o", "json"))
    assert (document["kind"], document["message"]["verdict"]) == ("Explanation", "deny")
    assert [(layer["layer"], layer["verdict"]) for layer in document["layers"]] == [
        ("identify", "deny"),
        *((layer, "not run") for layer in LAYERS[1:]),
    ]
    assert document["layers"][1]["why"] == "denied above, by identify"


def test_of_an_answer_that_never_came_no_layer_is_missing() -> None:
    document = json.loads(run("explain", "07", "-o", "json"))
    assert [layer["layer"] for layer in document["layers"]] == ["deliver"]


def test_everything_that_decided_is_told(tmp_path: Path) -> None:
    reply = an_entry(
        id="0a" + "0" * 30,
        sender="tool-crm",
        kind="reply",
        labels="secret",
        causes='{"secret":"principal tool-crm team.yaml:66"}',
    )
    facts = msgspec.json.encode({"sender": "triage", "labels": {"level": "secret"}})
    said = {"reason": "no person has seen it", "facts": facts, "obligations": ("warn:careful",)}
    asked = (a_verdict("route"), a_verdict("flow", "hold", **said))
    held = an_entry(
        id="0b" + "0" * 30,
        outcome="hold",
        verdicts=asked,
        labels="secret",
        causes=f'{{"secret":"{reply.id}"}}',
        approval="a" * 32,
    )
    pending = an_approval(message=held.id)
    approved = an_approval(message=held.id, state="approved", by="op-cli", note="fine", at=AT + 9)
    shadow = ShadowEntry(held.id, "draft1", "route", "deny", "c", "never", "data.x", "x.rego", 4)
    store_it(tmp_path, reply, held, approvals=(pending, approved), shadows=(shadow,))

    document = json.loads(run("explain", "0b", "-o", "json"))
    layers = {layer["layer"]: layer for layer in document["layers"]}
    assert layers["flow"]["facts"] == {"sender": "triage", "labels": {"level": "secret"}}
    assert layers["flow"]["obligations"] == ["warn:careful"]
    (label,) = document["labels"]
    assert (label["label"], [each["id"] for each in label["messages"]]) == ("secret", [reply.id])
    assert label["origin"] == {"principal": "tool-crm", "file": "team.yaml", "line": 66, "why": ""}
    assert [(each["state"], each["by"]) for each in document["approvals"]] == [("pending", ""), ("approved", "op-cli")]
    assert document["shadows"][0]["reason"] == "never"

    told = run("explain", "0b")
    for line in (
        "  flow: warn:careful",
        '  flow: {"sender":"triage","labels":{"level":"secret"}}',
        "    ⇐ tool-crm  team.yaml:66",
        "approved by op-cli: fine",
        "  draft1  deny  route: never  x.rego:4",
    ):
        assert line in told
    assert "    ⇐ 0a00000000000000  tool-crm → writer  reply" in told


def test_the_layers_are_those_of_the_enforcer(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("agents:\n  solo:\n    prompt: Answer.\n")
    loaded = load_plan(tmp_path / "one.yaml", environ={}, cwd=tmp_path)
    assert loaded.plan is not None, loaded.problems
    assert tuple(layer.name for layer in build_mediation(loaded.plan)._asking._layers) == LAYERS
