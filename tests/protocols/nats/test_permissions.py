"""Rights by name, as plain values."""

import pytest

from lictor.protocols.errors import InvalidName
from lictor.protocols.nats.permissions import Part, permissions_of, permissions_of_system


@pytest.mark.parametrize("name", ["triage", "tool-crm", "model-m", "ext-acme", "op-cli", "enforcer-2", "recorder-x"])
def test_a_principal_writes_its_outbox_and_reads_its_inboxes(name: str) -> None:
    rights = permissions_of(name)
    assert rights.publish == (f"lictor.out.{name}.>",)
    assert rights.subscribe == (f"lictor.in.{name}.>", f"_INBOX_{name}.>")
    assert (rights.payload, rights.subscriptions) == (2_097_152, 16)


def test_the_enforcer_writes_everything_but_what_others_must_write_themselves() -> None:
    rights = permissions_of(Part.ENFORCER)
    assert rights.publish == (">",)
    assert rights.publish_never == ("lictor.out.>", "lictor.control.>", "$SYS.>")
    assert rights.subscribe == ("lictor.out.>", "lictor.control.>", "_INBOX_enforcer.>")


def test_recorder_and_supervisor_have_what_they_need() -> None:
    assert permissions_of("recorder").publish == ("_INBOX_enforcer.>",)
    assert permissions_of("recorder").subscribe == ("lictor.record.>", "_INBOX_recorder.>")
    assert permissions_of("supervisor").publish == ("lictor.control.>",)
    assert permissions_of("supervisor").subscribe == ("_INBOX_supervisor.>",)


def test_the_system_user_can_do_one_thing() -> None:
    rights = permissions_of_system()
    assert rights.publish == ("$SYS.REQ.CLAIMS.UPDATE",)
    assert rights.subscribe == ("_INBOX_system.>",)


@pytest.mark.parametrize("name", ["*", ">", "a.b", "", "A", "a b"])
def test_no_right_is_made_of_what_is_no_name(name: str) -> None:
    with pytest.raises(InvalidName):
        permissions_of(name)
