"""What becomes of a judged message beyond what test_mediation.py plays: hops, and labels of what leaves the team."""

import json

from playbook import Playbook, answers, delivered, says, task_id

from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.ledger import TaskLedger
from lictor.protocols.a2a.taint import read_taint
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.dispatch import Dispatch
from lictor.runtime.enforcer.faculties import Faculties

ANSWER = json.dumps({"jsonrpc": "2.0", "id": "1", "result": {"message": {"parts": [{"text": "hello"}]}}}).encode()


def test_hops_of_an_answer_are_those_of_its_request() -> None:
    dispatch = Dispatch("enforcer", TaskLedger(), ToolCatalog(), Faculties(), revision=lambda: "r", most_open=1)
    request = Envelope("0" * 32, "a", "b", Kind.A2A, b"{}", hops=7)
    answer = Envelope("1" * 32, "b", "a", Kind.REPLY, b"{}")
    assert dispatch.hops(answer, request) == 7
    assert dispatch.hops(answer, None) == 1


def test_the_author_follows_the_bundle() -> None:
    bundle = ["one"]
    dispatch = Dispatch("enforcer", TaskLedger(), ToolCatalog(), Faculties(), revision=lambda: bundle[0], most_open=1)
    first = dispatch.author
    assert dispatch.author is first
    bundle[0] = "two"
    assert dispatch.author.revision == "two"


def test_an_answer_that_leaves_the_team_says_what_it_carries() -> None:
    play = Playbook()
    play >> says("ext-bob", "triage", task=task_id("out")) << delivered("triage", Lictor_Labels="untrusted")
    play >> answers(play.last, ANSWER)
    assert read_taint(play.out[0].body) == ("untrusted",)
    inside = Playbook()
    inside >> says("op-cli", "triage") << delivered("triage")
    inside >> answers(inside.last, ANSWER)
    assert inside.out[0].body == ANSWER
