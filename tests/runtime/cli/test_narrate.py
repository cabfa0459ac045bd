from pathlib import Path

from record_entries import a_batch, an_entry

from lictor.protocols.a2a.reading import Citation, Outcome
from lictor.protocols.record import MessageEntry, VerdictEntry
from lictor.runtime.cli.narrate import cite, count, describe, line
from lictor.runtime.store.results import Message
from lictor.runtime.store.store import open_store

NO_EDGE = VerdictEntry(
    "route", "deny", "route.no_edge", "writer may not message retriever", "data.x.deny", "desk.yaml", 21, (), 40.0
)
PASSED = an_entry(sender="triage", target="writer", cost_us=1234.5)
DENIED = an_entry(sender="writer", target="retriever", outcome="deny", verdicts=(NO_EDGE,))


def recorded(tmp_path: Path, *entries: MessageEntry) -> list[Message]:
    with open_store(f"sqlite:///{tmp_path}/record.db") as store:
        store.writer.write_batches([a_batch(1, *entries)])
        return store.reader.messages()


def test_a_delivered_message_is_told_on_one_line(tmp_path: Path) -> None:
    (message,) = recorded(tmp_path, PASSED)
    assert line(message, 8).plain == "  triage → writer    a2a   allow     1.23 ms  SendMessage"
    assert line(message, 8, ascii_only=True).plain.isascii()


def test_a_refusal_names_layer_reason_and_place(tmp_path: Path) -> None:
    (message,) = recorded(tmp_path, DENIED)
    assert line(message, 9).plain.endswith("DENY   route: writer may not message retriever (desk.yaml:21)")


def test_the_document_of_a_message(tmp_path: Path) -> None:
    passed, denied = (describe(message) for message in recorded(tmp_path, PASSED, DENIED))
    assert (passed["from"], passed["to"], passed["kind"], passed["verdict"]) == ("triage", "writer", "a2a", "allow")
    assert (passed["layer"], passed["reason"], passed["ms"]) == ("", "", 1.234)
    assert (denied["layer"], denied["file"], denied["line"]) == ("route", "desk.yaml", 21)


def test_nothing_that_was_sent_makes_a_line_of_its_own(tmp_path: Path) -> None:
    forged = "x\n  triage → writer    a2a   allow\x1b[2J"
    verdict = VerdictEntry("route", "deny", "route.x", forged, "", "desk.yaml", 1, (), 1.0)
    passed = an_entry(method=forged)
    denied = an_entry(sender="mallory", target=forged, outcome="deny", verdicts=(verdict,))
    for message in recorded(tmp_path, passed, denied):
        told = line(message, 8).plain
        assert "\n" not in told
        assert told.isprintable()


def test_what_was_delivered_is_counted(tmp_path: Path) -> None:
    assert count(recorded(tmp_path, PASSED, DENIED, PASSED)) == (2, 1)


def test_citations_are_told_with_file_and_heading() -> None:
    outcome = Outcome("completed", "Hold the pin.", citations=(Citation("07.md", "Passwords", "Hold."),))
    assert cite(outcome) == [{"file": "07.md", "heading": "Passwords", "quote": "Hold."}]
