"""What became of approvals."""

from lictor.runtime.cli.decided import change, recorded, story, without_moment
from lictor.runtime.store.results import Approval

PENDING = Approval(
    id="0" * 32,
    at=1_800_000_000.0,
    state="pending",
    message="m",
    task="t",
    sender="payer",
    target="tool-bank",
    tool="pay",
    arguments=b'{"amount":7}',
    digest="d" * 64,
    reason="its permit asks",
    code="route.tool_asks",
    rule="rule",
    file="desk.yaml",
    line=6,
    labels="secret,untrusted",
    until=1_800_000_600.0,
    by="",
    note="",
    enforcer="enforcer",
    instance="i",
)
DENIED = Approval(
    **{name: getattr(PENDING, name) for name in PENDING.__slots__ if name not in {"state", "by", "note", "at"}},
    state="denied",
    by="op-cli",
    note="not\nthis \x1b[31maccount",
    at=1_800_000_060.0,
)


def test_the_document() -> None:
    item = without_moment(recorded(DENIED))
    assert item["arguments"] == {"amount": 7}
    assert item["labels"] == ["secret", "untrusted"]
    assert (item["state"], item["by"], item["at"]) == ("denied", "op-cli", "2027-01-15T08:01:00.000Z")
    assert "moment" not in item
    assert "deadline" not in item


def test_the_story() -> None:
    lines = story([recorded(PENDING), recorded(DENIED)])
    assert lines[1] == 'asked      payer → tool-bank: pay {"amount":7}'
    assert lines[-2] == "pending    2027-01-15T08:00:00.000Z"
    assert lines[-1].startswith("denied     2027-01-15T08:01:00.000Z by op-cli: not\n           this ")
    assert "\x1b" not in lines[-1]


def test_a_change_is_one_line() -> None:
    begun = change(recorded(PENDING))
    assert begun.startswith('0000000000000000 pending payer → tool-bank: pay {"amount":7} because its permit asks')
    ended = change(recorded(DENIED))
    assert "denied payer → tool-bank" in ended
    assert "\n" not in ended
    assert "\x1b" not in ended


def test_arguments_that_were_cut_are_text() -> None:
    values = {name: getattr(PENDING, name) for name in PENDING.__slots__}
    assert recorded(Approval(**values | {"arguments": b'{"a": "x'}))["arguments"] == '{"a": "x'
    assert recorded(Approval(**values | {"arguments": b""}))["arguments"] is None
