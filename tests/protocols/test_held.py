"""The notice of what is held fits into one header line, whatever is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.headers import HELD, read_headers, write_headers
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import new_id

NOTICE = HeldNotice(
    approval=new_id(),
    until=1_800_000_000.25,
    message=new_id(),
    digest="0" * 64,
    sender="triage",
    target="tool-crm",
    tool="export",
    reason="its permit asks for an approval",
    code="route.tool_asks",
    file="desk.yaml",
    line=6,
    labels="internal,untrusted",
)


def test_there_and_back() -> None:
    assert HeldNotice.read(NOTICE.write()) == NOTICE
    over = HeldNotice(NOTICE.approval, 5.0, over=True)
    assert HeldNotice.read(over.write()) == over


@given(text=st.text(max_size=3000), line=st.integers(0, 10**9))
def test_any_text_makes_one_short_line(text: str, line: int) -> None:
    notice = HeldNotice(
        NOTICE.approval, 1.0, False, text, text, text, text, text, text, text, text, line=line, labels=text
    )
    written = notice.write()
    assert len(written) <= 3800
    assert read_headers(write_headers({HELD: written}))[HELD] == written
    assert HeldNotice.read(written).approval == NOTICE.approval


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"approval": "x", "until": 1}', '{"approval": 7}', "{"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(MalformedEnvelope, match="a notice of what is held"):
        HeldNotice.read(text)


def test_other_asks_are_told_as_far_as_they_fit() -> None:
    few = HeldNotice(NOTICE.approval, 5.0, also=("user.large: many rows", "content.injection: an order"))
    assert HeldNotice.read(few.write()) == few
    many = HeldNotice(NOTICE.approval, 5.0, reason="é" * 400, also=("é" * 500,) * 50)
    written = many.write()
    assert len(written) <= 3800
    assert HeldNotice.read(written).also == ("50 asks more",)
