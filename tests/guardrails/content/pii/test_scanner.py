import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.guardrails.content.pii.patterns import PATTERNS
from lictor.guardrails.content.pii.scanner import find_spans
from lictor.guardrails.content.prefilter import Prefilter

PREFILTER = Prefilter(PATTERNS)
FOUND = {
    "email": ["bob@example.com", "o'neil.b+x@mail.example.co.uk", "bob [at] example [dot] com", "jörg@exämple.de"],
    "card": ["4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005"],
    "iban": ["GB29 NWBK 6016 1331 9268 19", "de89370400440532013000"],
    "ssn": ["460-89-9847", "SSN 460899847"],
    "ip": ["192.168.10.2", "2001:db8:85a3::8a2e:370:7334"],
    "phone": ["+44 20 7946 0958", "(212) 555-0147", "212-555-0147", "call me on 9472 7916", "tel: 02079460958"],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in FOUND.items() for text in texts])
def test_personal_data_is_found(kind: str, text: str) -> None:
    whole = f"Here it is: {text}, thanks"
    assert f"pii-{kind}" in PREFILTER.topics(whole.encode())
    spans = [span for span in find_spans(whole) if span.kind == kind]
    assert len(spans) == 1
    assert whole[spans[0].start : spans[0].end] in text


@pytest.mark.parametrize(
    "text",
    ["version 2.3.2.4", "127.0.0.1 and 0.0.0.0", "std::vector a::b", "2024-03-01 12:00:01", "4111 1111 1111 1112",
     "1234567890123456", "order 20240301-0001", "pi is 3.14159265358979", "a@b",
     "0f8fad5b-d9cb-469f-a165-70867728950e"],
)  # fmt: skip
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert not find_spans(text)


def test_only_the_kinds_that_are_asked_for() -> None:
    text = "bob@example.com 460-89-9847"
    assert [span.kind for span in find_spans(text, ["ssn"])] == ["ssn"]


@given(st.text(alphabet="0123456789-. ()+@ab:", max_size=300))
@settings(max_examples=100)
def test_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for span in find_spans(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end
