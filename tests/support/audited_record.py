"""Records whose audit chain is signed, and their exports."""

from collections.abc import Iterator
from contextlib import contextmanager

from record_entries import AT, a_batch, a_denial, a_question, an_approval, an_entry

from lictor.protocols.record import RecordBatch
from lictor.runtime.store.audit.auditor import Auditor
from lictor.runtime.store.audit.head import AuditKey
from lictor.runtime.store.store import Store, open_store
from lictor.runtime.store.writer import Writer

KEY = AuditKey(bytes(range(32)))
OTHER_KEY = AuditKey(bytes(32))


class Clock:
    """Goes on by so many seconds at each look."""

    def __init__(self, step: float = 0.4) -> None:
        self.now = AT
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def audited_batches() -> list[RecordBatch]:
    """Messages and approvals in turns, with bodies, facts and denials."""
    pending = an_approval()
    facts = b'{"sender":"triage","labels":{"level":"secret"}}'
    refused = a_denial("żółć \U0001f9a5", facts=facts, obligations=("redact:pii/email", "label:secret"))
    return [
        a_batch(1, a_question("t1", "How?"), an_entry(body=b"\0\xff" * 40, sealed=b"s" * 20, digest="d" * 64)),
        a_batch(2, an_entry(outcome="deny", verdicts=refused, causes='{"secret":"m1"}'), approvals=(pending,)),
        a_batch(3, approvals=(an_approval(state="approved", by="op-cli", at=AT + 9), an_approval(id="other"))),
        RecordBatch("enforcer", 4, (), "i1", (an_approval(id="other", state="denied", note="no"),)),
        *[a_batch(number, an_entry(hops=number), an_entry()) for number in range(5, 12)],
    ]


@contextmanager
def audited_store(url: str, *, step: float = 0.4) -> Iterator[Store]:
    """Open a record with such batches in it, each in a commit of its own."""
    with open_store(url, key=KEY) as store:
        store.writer = Writer(store.engines[0], Clock(step), KEY)
        for batch in audited_batches():
            store.writer.write_batches([batch])
        yield store


def export_of(store: Store, since: float = 0.0, until: float | None = None) -> list[bytes]:
    """Return the lines of an export."""
    return list(Auditor(store.engines[1]).export(since, until))
