"""What the record costs: messages a second through the recorder, against raw sqlite3 in the same run.

Both write the same rows into the same tables with the same indexes and the same syncs (WAL, synchronous=FULL), in
the same groups. The recorder also unpacks batches, drops what it has, follows tasks, hashes and signs the audit chain
and makes acknowledgements.
Prints one JSON object, rates in messages a second, and for each the median of the rounds:
`{messages_per_batch, rows_per_message, batches_per_commit: {N: {recorder_per_s, raw_per_s, ratio}}}`.
"""

import json
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.envelope import Packet
from lictor.protocols.identifiers import new_id
from lictor.protocols.record import MessageEntry, RecordBatch, VerdictEntry, pack
from lictor.runtime.recorder.commit import commit
from lictor.runtime.recorder.intake import Intake
from lictor.runtime.store.audit.head import AuditKey
from lictor.runtime.store.store import open_store

BATCHES = 2000
ENTRIES = 4
ROUNDS = 5
GROUPS = (1, 25, 250)
"""Batches in one transaction."""
MOST = {1: 150}
"""Batches of a round where a transaction holds few: the disk's sync is what is measured then."""
LAYERS = ("identify", "admit", "route")
NO_CHAIN = (1, bytes(32))


def make_batches(instance: str) -> list[RecordBatch]:
    verdicts = tuple(VerdictEntry(layer, "allow", "", "", "", "", 0, (), 12.0) for layer in LAYERS)
    body = send_message("How do I reset the password of the administrator? " * 17)

    def entry(task: str) -> MessageEntry:
        return MessageEntry(
            id=new_id(),
            at=time.time(),
            enforcer="enforcer",
            bundle="0123456789ab",
            sender="triage",
            target="writer",
            kind="a2a",
            outcome="allow",
            body=body,
            size=len(body),
            task=task,
            context="",
            parent="",
            in_reply_to="",
            step="",
            hops=2,
            end=True,
            trace="",
            content_type="application/json",
            labels="",
            method="SendMessage",
            cost_us=40.0,
            verdicts=verdicts,
        )

    return [
        RecordBatch("enforcer", sequence, tuple(entry(new_id()) for _ in range(ENTRIES)), instance)
        for sequence in range(1, BATCHES + 1)
    ]


def through_the_recorder(file: Path, batches: Sequence[RecordBatch], group: int) -> float:
    packets = [Packet("lictor.record.enforcer", pack(batch), b"", "_INBOX_enforcer.record") for batch in batches]
    with open_store(f"sqlite:///{file}", key=AuditKey(bytes(32))) as store:
        intake, hurry = Intake(), threading.Event()
        started = time.perf_counter()
        for start in range(0, len(packets), group):
            for packet in packets[start : start + group]:
                intake.put(packet)
            answers = commit(store.writer, intake.take(), hurry)
            assert len(answers) == len(packets[start : start + group])
        return time.perf_counter() - started


def raw(file: Path, batches: Sequence[RecordBatch], group: int) -> float:
    with open_store(f"sqlite:///{file}") as store:
        columns = {
            name: len(inspect(store.engines[0]).get_columns(name)) for name in ("batches", "messages", "verdicts")
        }
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    statements = {name: f"INSERT INTO {name} VALUES ({','.join('?' * count)})" for name, count in columns.items()}
    rows = [make_rows(batch, 1 + place * ENTRIES) for place, batch in enumerate(batches)]
    started = time.perf_counter()
    for start in range(0, len(rows), group):
        part = rows[start : start + group]
        connection.execute("BEGIN IMMEDIATE")
        for place, name in enumerate(statements):
            connection.executemany(statements[name], [row for each in part for row in each[place]])
        connection.execute("COMMIT")
    took = time.perf_counter() - started
    connection.close()
    return took


def make_rows(batch: RecordBatch, first: int) -> tuple[list[Any], list[Any], list[Any]]:
    messages, verdicts = [], []
    for number, e in enumerate(batch.entries, first):
        told = (e.id, e.at, e.enforcer, e.bundle, e.sender, e.target, e.kind, e.outcome, e.body, e.size, e.task)
        more = (e.context, e.parent, e.in_reply_to, e.step, e.hops, e.end, e.trace, e.content_type, e.labels, e.method)
        messages.append((number, *told, *more, e.cost_us, e.causes, e.approval, e.sealed, e.digest, *NO_CHAIN))
        verdicts += [
            (number, place, v.layer, v.outcome, v.code, v.reason, v.rule, v.file, v.line, "[]", v.cost_us, v.facts)
            for place, v in enumerate(e.verdicts)
        ]
    return (
        [(batch.enforcer, batch.instance, batch.sequence, time.time(), first, len(batch.entries))],
        messages,
        verdicts,
    )


def measure(group: int) -> dict[str, float]:
    recorder, baseline = [], []
    for round_number in range(ROUNDS):
        batches = make_batches(f"i{round_number}")[: MOST.get(group, BATCHES)]
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            recorder.append(len(batches) * ENTRIES / through_the_recorder(Path(folder) / "a.db", batches, group))
            baseline.append(len(batches) * ENTRIES / raw(Path(folder) / "b.db", batches, group))
    ratios = [mine / theirs for mine, theirs in zip(recorder, baseline, strict=True)]
    return {
        "recorder_per_s": round(statistics.median(recorder)),
        "raw_per_s": round(statistics.median(baseline)),
        "ratio": round(statistics.median(ratios), 2),
    }


def main() -> None:
    groups = {str(group): measure(group) for group in GROUPS}
    print(
        json.dumps({"messages_per_batch": ENTRIES, "rows_per_message": 1 + len(LAYERS), "batches_per_commit": groups})
    )


if __name__ == "__main__":
    main()
