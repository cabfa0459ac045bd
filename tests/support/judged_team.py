"""A folder with a team's file and a record of what its own mediation has judged: what commands work on."""

import time
from pathlib import Path

from playbook import Playbook, answers, says

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.identifiers import new_id
from lictor.protocols.record import MessageEntry, RecordBatch
from lictor.runtime.definition.load import load_plan
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.store.store import open_store

TEAM = """
agents:
  triage:
    prompt: Ask the writer.
    delegates: [writer]
    expose: [chat]
  writer:
    prompt: Write.
"""
DRAFT = """package lictor.user.quiet

import rego.v1

deny contains "the writer rests" if input.target == "writer"
"""


def judge_team(folder: Path) -> list[MessageEntry]:
    """Write `lictor.yaml`, a draft in `draft/` and the record in `.lictor`; return what was judged, in order."""
    (folder / "lictor.yaml").write_text(TEAM)
    (folder / "draft").mkdir()
    (folder / "draft" / "quiet.rego").write_text(DRAFT)
    loaded = load_plan(Path("lictor.yaml"), environ={}, cwd=folder)
    assert loaded.plan is not None, loaded.problems
    now = time.time() - 60
    play = Playbook(build_mediation(loaded.plan, clock=lambda: now), now=now)
    task = new_id(now)
    _ = play >> says("op-cli", "triage", send_message("How?"), task=task)
    asked = play.out.pop()
    _ = play >> says("triage", "writer", send_message("Write."), task=task)
    delegated = play.out.pop()
    _ = play >> answers(delegated)
    play.out.clear()
    _ = play >> says("writer", "triage", send_message("Me?"), task=task)
    play.out.clear()
    _ = play >> answers(asked)
    play.out.clear()
    with open_store(f"sqlite:///{folder}/.lictor/lictor.db") as store:
        store.writer.write_batches([RecordBatch("enforcer", 1, tuple(play.entries), "i1")])
    return play.entries
