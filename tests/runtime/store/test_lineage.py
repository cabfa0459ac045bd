"""Labels followed back to where they begin, whatever the record holds."""

from pathlib import Path

import msgspec
import pytest
from record_entries import a_batch, an_entry

from lictor.protocols.record import MessageEntry
from lictor.runtime.store.lineage import Chain, Origin, trace
from lictor.runtime.store.store import open_store


def bearing(word: str, cause: str, **given: object) -> MessageEntry:
    return an_entry(labels=word, causes=msgspec.json.encode({word: cause}).decode(), **given)


def chains(folder: Path, *entries: MessageEntry) -> tuple[Chain, ...]:
    """Store messages and trace the last one."""
    with open_store(f"sqlite:///{folder}/r.db") as store:
        store.writer.write_batches([a_batch(1, *entries)])
        last = store.reader.messages()[-1]
        return trace(last, store.reader.message)


def test_a_label_is_followed_across_tasks_to_the_line_that_gave_it(tmp_path: Path) -> None:
    reply = bearing("untrusted", "principal tool-crm my team.yaml:66", sender="tool-crm", target="triage", task="t1")
    stored = bearing("untrusted", reply.id, sender="triage", target="tool-notes", task="t1")
    read = bearing("untrusted", stored.id, sender="tool-notes", target="writer", task="t2")
    sent = bearing("untrusted", read.id, sender="writer", target="tool-mail", task="t2")
    (chain,) = chains(tmp_path, reply, stored, read, sent)
    assert chain.label == "untrusted"
    assert [message.id for message in chain.messages] == [read.id, stored.id, reply.id]
    assert [message.task for message in chain.messages] == ["t2", "t1", "t1"]
    assert chain.origin == Origin("tool-crm", "my team.yaml", 66, "")


def test_each_label_has_its_own_chain_and_untrusted_comes_first(tmp_path: Path) -> None:
    causes = {"secret": "principal a", "untrusted": "principal ext-web", "customer": "principal tool-crm x.yaml:3"}
    entry = an_entry(labels="secret,untrusted,customer", causes=msgspec.json.encode(causes).decode())
    found = chains(tmp_path, entry)
    assert [chain.label for chain in found] == ["untrusted", "secret", "customer"]
    assert [chain.origin.principal for chain in found] == ["ext-web", "a", "tool-crm"]
    assert found[1].origin == Origin("a", "", 0, "")


MISSING = "f" * 32


@pytest.mark.parametrize(
    ("causes", "why"),
    [
        ("", "no cause was recorded"),
        ("{", "no cause was recorded"),
        ("[1]", "no cause was recorded"),
        ('{"secret":1}', "no cause was recorded"),
        ('{"secret":"not known to this enforcer"}', "not known to this enforcer"),
        (f'{{"secret":"{MISSING}"}}', f"message {MISSING} is not on record"),
        (f'{{"secret":"{"0" * 32}"}}', f"a rule gave it to {'0' * 32}"),
    ],
)
def test_where_the_chain_ends_without_a_principal_it_says_why(tmp_path: Path, causes: str, why: str) -> None:
    (chain,) = chains(tmp_path, an_entry(id="0" * 32, labels="secret", causes=causes))
    assert chain.messages == ()
    assert chain.origin == Origin("", "", 0, why)


def test_a_circle_and_an_endless_chain_end(tmp_path: Path) -> None:
    one, other = bearing("secret", "1" * 32, id="0" * 32), bearing("secret", "0" * 32, id="1" * 32)
    (chain,) = chains(tmp_path, one, other)
    assert [message.id for message in chain.messages] == [one.id]
    assert "its own cause" in chain.origin.why
    ids = [f"{n:032x}" for n in range(300)]
    long = [bearing("secret", before, id=each) for before, each in zip(["", *ids], ids, strict=False)]
    (chain,) = chains(tmp_path / "long", *long)
    assert len(chain.messages) == 200
    assert chain.origin.why == "more messages than are followed"


def test_a_message_without_labels_has_no_chain(tmp_path: Path) -> None:
    assert chains(tmp_path, an_entry()) == ()
