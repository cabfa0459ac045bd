"""Layer flow with the bundle as it lies: labels, contracts and what follows from both."""

import json
from typing import Any

from lictor.guardrails.action import read_action
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.contract.book import ContractBook
from lictor.guardrails.contract.contract import Contract
from lictor.guardrails.contract.read import read_contract
from lictor.guardrails.effects import Effects
from lictor.guardrails.flow import Flow
from lictor.guardrails.judged import Judged
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.provenance.nature import read_natures
from lictor.guardrails.provenance.provenance import Provenance
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

TEAM: dict[str, Any] = {
    "principals": {},
    "edges": {"clerk": {"model-small": {"kind": "model"}, "model-cloud": {"kind": "model"}}},
    "exposed": [],
    "features": [],
    "guards": {},
    "approvals": {},
    "agents": {
        "clerk": {"isolated": True, "emits": [], "clearance": "secret", "file": "t.yaml", "line": 3},
        "greeter": {"isolated": True, "emits": [], "clearance": "internal", "file": "t.yaml", "line": 9},
    },
    "tools": {
        "tool-bank": {"kind": "mcp-stdio", "labels": [], "clearance": "secret", "remote": False},
        "tool-vault": {"kind": "rag", "labels": ["secret"], "clearance": "secret", "remote": False},
    },
    "models": {
        "model-small": {"clearance": "secret", "remote": False},
        "model-cloud": {"clearance": "internal", "remote": True},
    },
    "permits": {
        "clerk": {
            "tool-bank": {"allow": ["*"], "labels": ["untrusted"], "refuse": ["secret"], "file": "t.yaml", "line": 7},
            "tool-vault": {"allow": ["*"], "labels": [], "refuse": [], "file": "t.yaml", "line": 8},
        }
    },
}
LISTING = b'{"result": {"tools": [{"name": "read_file", "annotations": {"readOnlyHint": true}}, {"name": "send"}]}}'
CONTRACT = """contract: 1
tools:
  read_file: {arguments: {path: prompt}}
  send: {times: 1, arguments: {to: {tool: read_file, as: email, unique: true}}}
"""


class Team:
    """One team with its layer; tells the verdict of each message and delivers what may pass."""

    def __init__(self, contract: Contract | None = None, planners: frozenset[str] = frozenset()) -> None:
        catalog = ToolCatalog()
        catalog.learn("tool-bank", LISTING)
        effects = Effects(TEAM, catalog)
        slot = PolicySlot(EmbeddedRego(load_bundle(TEAM, ())), Question(catalog, TaskLedger()))
        self.provenance = Provenance(read_natures(TEAM), effects.reads_only)
        self.flow = Flow(slot, effects, ContractBook({"clerk": contract} if contract else {}, planners))
        self.last = Envelope("", "", "", Kind.EVENT, b"")
        self.count = 0

    def tell(
        self, sender: str, target: str, kind: Kind, body: dict[str, Any], request: Envelope | None = None
    ) -> Verdict:
        self.count += 1
        envelope = Envelope(
            f"m{self.count}",
            sender,
            target,
            kind,
            json.dumps(body).encode(),
            task="t1",
            request_kind=request.kind if request is not None else None,
        )
        mark = self.provenance.of(envelope, request)
        about = Circumstances(0.0, read_action(envelope), request, mark)
        verdict = self.flow.judge(envelope, about)
        judged = Judged(envelope, about, Judgement(verdict.outcome, (verdict,), verdict, (0.0,)))
        self.provenance.witness(judged)
        self.flow.witness(judged)
        self.last = envelope
        return verdict

    def prompt(self, text: str, sender: str = "op-cli", target: str = "clerk") -> Verdict:
        return self.tell(
            sender, target, Kind.A2A, {"method": "SendMessage", "params": {"message": {"parts": [{"text": text}]}}}
        )

    def call(self, tool: str, server: str = "tool-bank", **arguments: Any) -> Verdict:
        params = {"name": tool, "arguments": arguments}
        return self.tell("clerk", server, Kind.MCP, {"method": "tools/call", "params": params})

    def answer(self, text: str) -> Verdict:
        body = {"result": {"content": [{"type": "text", "text": text}]}}
        return self.tell(self.last.target, self.last.sender, Kind.REPLY, body, self.last)

    def read(self) -> None:
        assert self.prompt("pay what bill.txt says").outcome is Outcome.ALLOW
        assert self.call("read_file", path="bill.txt").outcome is Outcome.ALLOW
        assert self.answer("pay dora@ok.com").outcome is Outcome.ALLOW


def test_an_effect_after_untrusted_data_is_asked_about() -> None:
    team = Team()
    assert team.prompt("hello").outcome is Outcome.ALLOW
    assert team.call("send", to="a@b.com").outcome is Outcome.ALLOW

    team = Team()
    team.read()
    verdict = team.call("send", to="dora@ok.com")
    assert (verdict.outcome, verdict.code, verdict.file, verdict.line) == (
        Outcome.HOLD,
        "flow.untrusted_context",
        "t.yaml",
        7,
    )
    assert team.call("read_file", path="other").outcome is Outcome.ALLOW


def test_a_kept_contract_needs_no_person_and_a_broken_one_is_denied() -> None:
    team = Team(read_contract(CONTRACT, "c.yaml"))
    team.read()
    verdict = team.call("send", to="eve@evil.com")
    assert (verdict.outcome, verdict.code, verdict.file, verdict.line) == (
        Outcome.DENY,
        "contract.argument",
        "c.yaml",
        4,
    )
    assert "eve" not in verdict.reason
    assert team.call("send", to="dora@ok.com").outcome is Outcome.ALLOW
    assert team.call("send", to="dora@ok.com").code == "contract.times"
    assert team.call("other").code == "contract.tool"


def test_a_missing_contract_is_asked_about_even_before_anything_untrusted() -> None:
    team = Team(planners=frozenset({"clerk"}))
    assert team.prompt("hello").outcome is Outcome.ALLOW
    assert team.call("read_file", path="x").outcome is Outcome.ALLOW

    verdict = team.call("send", to="a@b.com")
    assert (verdict.outcome, verdict.code) == (Outcome.HOLD, "contract.missing")


def test_declaring_a_contract_is_no_call_under_one() -> None:
    team = Team(planners=frozenset({"clerk"}))
    team.prompt("hello")

    assert team.call("contract.declare", server="enforcer", contract={}).outcome is Outcome.ALLOW


def test_secrets_go_where_they_may() -> None:
    team = Team()
    team.prompt("hello")
    team.call("search", server="tool-vault")
    assert team.answer("the key").outcome is Outcome.ALLOW

    assert team.call("send", to="a@b.com").code == "flow.refused_label"
    assert team.prompt("the key", "clerk", "greeter").code == "flow.clearance"
    assert team.tell("clerk", "model-small", Kind.MODEL, {"messages": []}).outcome is Outcome.ALLOW
    assert team.tell("clerk", "model-cloud", Kind.MODEL, {"messages": []}).obligations == ("model:model-small",)


def test_what_the_layer_is_asked_is_kept_once_for_equal_messages() -> None:
    team = Team()
    team.prompt("hello")
    for number in range(5):
        team.call("read_file", path=f"{number}")

    assert team.flow.stage.cache.misses == 2
