from pathlib import Path

import pytest
from record_entries import a_batch, a_verdict, an_entry

from lictor.runtime.store.results import Message
from lictor.runtime.store.store import open_store


def recorded(tmp_path: Path, outcome: str, *verdicts: str) -> Message:
    entry = an_entry(outcome=outcome, verdicts=tuple(a_verdict(f"l{n}", word) for n, word in enumerate(verdicts)))
    with open_store(f"sqlite:///{tmp_path}/r.db") as store:
        store.writer.write_batches([a_batch(1, entry)])
        (message,) = store.reader.messages()
        return message


@pytest.mark.parametrize(
    ("verdicts", "deciding"),
    [
        (("allow", "allow"), "l0"),
        (("allow", "redact", "redact"), "l1"),
        (("allow", "hold", "deny"), "l2"),
        (("unheard-of", "allow"), "l0"),
    ],
)
def test_the_first_of_the_strictest_verdicts_decides(tmp_path: Path, verdicts: tuple[str, ...], deciding: str) -> None:
    message = recorded(tmp_path, "allow", *verdicts)
    assert message.deciding is not None
    assert message.deciding.layer == deciding


@pytest.mark.parametrize(
    ("outcome", "delivered"), [("allow", True), ("redact", True), ("deny", False), ("lost", False)]
)
def test_only_what_was_let_through_was_delivered(tmp_path: Path, outcome: str, delivered: bool) -> None:
    message = recorded(tmp_path, outcome)
    assert message.delivered is delivered
    assert message.deciding is None
