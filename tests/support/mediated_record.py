"""A record of messages that a real mediation has judged: what the policy was asked is on record as it was asked."""

import itertools
from pathlib import Path

from playbook import A2A, MODEL, Playbook, Say, answers, call, says, team

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.identifiers import new_id
from lictor.protocols.record import RecordBatch
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.store.store import Store

OWN_RULE = """package lictor.user.sizes

import rego.v1

deny contains "that is too much" if {
	input.kind == "a2a"
	input.size > 350
	input.sender != "triage"
}
"""


def record_mediated(store: Store, folder: Path, rounds: int = 3) -> int:
    """Play many messages of every kind, allowed and not; return how many were recorded."""
    rule = folder / "sizes.rego"
    rule.write_text(OWN_RULE)
    now = [1_790_000_000.0]
    play = Playbook(build_mediation(team(policies=(rule,)), clock=lambda: now[0]), now=now[0])
    for number in range(rounds):
        for said in _sayings(number, new_id(now[0]), new_id(now[0])):
            play >> said
            _answer(play)
            now[0] += 0.5
            play.now = now[0]
    for start in range(0, len(play.entries), 100):
        batch = RecordBatch("enforcer", 1 + start // 100, tuple(play.entries[start : start + 100]), "i1")
        store.writer.write_batches([batch])
    return len(play.entries)


def _sayings(number: int, task: str, other: str) -> list[Say]:
    bodies = itertools.cycle([send_message("hi"), send_message("hi" * 200), A2A])
    pairs = [("op-cli", each) for each in ("triage", "writer", "clerk")]  # with that, all of them are in the task
    pairs += itertools.permutations(("triage", "writer", "clerk", "nobody"), 2)
    found = [says(sender, target, next(bodies), task=task) for sender, target in pairs]
    found += [says("ext-web", target, next(bodies), task=other) for target in ("triage", "writer")]
    found += [
        says("triage", "tool-crm", call(tool, q=f"{number}", to="x@example.org"), task=task)
        for tool in ("find_user", "find_secret", "export", "delete_user", "żółć")
    ]
    return [*found, *[says(sender, "model-small", MODEL, task=task) for sender in ("writer", "clerk")]]


def _answer(play: Playbook) -> None:
    delivered = [packet for packet in play.out if packet.subject.startswith("lictor.in.") and packet.reply]
    play.out.clear()
    for packet in delivered:
        play >> answers(packet)
        play.out.clear()
