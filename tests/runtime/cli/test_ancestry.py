from pathlib import Path

from record_entries import a_batch, an_entry

from lictor.runtime.cli.ancestry import describe_chain, find_lineage, tell_chain, tell_origin
from lictor.runtime.store.lineage import Origin
from lictor.runtime.store.store import open_store


def test_a_chain_is_told_line_by_line_and_names_other_tasks(tmp_path: Path) -> None:
    first = an_entry(
        id="1" * 32,
        task="t1",
        sender="ext-web",
        labels="untrusted",
        causes='{"untrusted":"principal ext-web"}',
        body=b"x\nnow\x1b",
        kind="event",
    )
    last = an_entry(id="2" * 32, task="t2", labels="untrusted", causes=f'{{"untrusted":"{first.id}"}}')
    with open_store(f"sqlite:///{tmp_path}/r.db") as store:
        store.writer.write_batches([a_batch(1, first, last)])
        message = store.reader.message(last.id)
        assert message is not None
        (chain,) = find_lineage(store.reader, message)
    assert list(tell_chain(message, chain)) == [
        "  untrusted",
        "    ⇐ 1111111111111111  ext-web → writer  event  SendMessage  task t1  x now�",
        "    ⇐ ext-web",
    ]
    told = describe_chain(chain)
    assert (told["label"], told["messages"][0]["from"], told["origin"]["principal"]) == (
        "untrusted",
        "ext-web",
        "ext-web",
    )


def test_where_a_label_begins_is_told_or_why_it_is_not_known() -> None:
    assert tell_origin(Origin("tool-crm", "a.yaml", 6, "")) == "tool-crm  a.yaml:6"
    assert tell_origin(Origin("", "", 0, "no cause was recorded")) == "not known: no cause was recorded"
