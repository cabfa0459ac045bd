from audited_record import KEY
from record_entries import a_denial, an_entry

from lictor.runtime.store.audit.chain import COLUMNS, GENESIS, VERDICT_COLUMNS, link_message
from lictor.runtime.store.audit.linked import Linked, hash_row
from lictor.runtime.store.rows import message_row, verdict_row


def a_linked(**changes: object) -> Linked:
    entry = an_entry(id="0" * 32, body=b"body", verdicts=a_denial())
    row = message_row(1, entry)
    verdicts = [verdict_row(1, n, each) for n, each in enumerate(entry.verdicts)]
    chain = link_message(GENESIS, 1, row, verdicts)
    told = dict(zip(COLUMNS["message"], row, strict=True))
    hashes = hash_row("message", told)
    read = tuple([dict(zip(VERDICT_COLUMNS, each, strict=True)) for each in verdicts])
    return Linked("message", 1, told | changes, read, hashes, chain)


def test_what_is_read_back_gives_the_chain_that_was_written() -> None:
    assert a_linked().extend(GENESIS) == a_linked().chain
    assert a_linked(method="other").extend(GENESIS) != a_linked().chain
    assert a_linked().extend(KEY.public) != a_linked().chain


def test_a_large_value_may_be_withheld_and_not_changed() -> None:
    withheld = a_linked(body=None)
    assert withheld.extend(GENESIS) == withheld.chain
    assert withheld.false_hash() == ""
    assert a_linked(body=b"other").false_hash() == "body"
