"""Texts in bodies."""

from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.contract.bodies import read_message, read_tool_answer


def test_a_tools_answer() -> None:
    parts = b'[{"type": "text", "text": "a"}, {"type": "image"}, {"text": "b"}]'
    body = b'{"result": {"content": ' + parts + b', "structuredContent": {"x": 1}}}'

    assert read_tool_answer(body) == ("a\nb", b'{"x": 1}')
    assert read_tool_answer(b'{"result": {"structuredContent": null}}') == ("", b"")
    assert read_tool_answer(b'{"error": {}}') == ("", b"")
    assert read_tool_answer(b"nonsense") == ("", b"")


def test_messages_of_agents() -> None:
    request = b'{"method": "SendMessage", "params": {"message": {"parts": [{"text": "hello"}, {"data": {"k": 1}}]}}}'
    answer = (
        b'{"result": {"task": {"artifacts": [{"parts": [{"text": "done"}]}], "status": {"message": {"parts": []}}}}}'
    )

    assert read_message(request) == 'hello\n{"k":1}'
    assert read_message(answer) == "done"
    assert read_message(b"[" * 10_000) == ""


@given(st.binary())
def test_never_fails(body: bytes) -> None:
    assert isinstance(read_message(body), str)
    assert isinstance(read_tool_answer(body), tuple)
