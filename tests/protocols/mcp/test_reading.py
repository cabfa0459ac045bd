import json

import pytest

from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.mcp.reading import Request, Result, read_answer, read_request


def body(**fields: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, **fields}).encode()


def test_a_call_is_read_with_its_arguments() -> None:
    read = read_request(body(method="tools/call", params={"name": "find", "arguments": {"q": "x"}}))
    assert read == Request(1, "tools/call", "find", {"q": "x"})
    assert read_request(body(method="tools/call", params={"name": "find"})).arguments == {}


def test_other_methods_are_read_without_their_parameters() -> None:
    assert read_request(body(method="tools/list", params={"cursor": "c"})) == Request(1, "tools/list")


@pytest.mark.parametrize("identifier", [True, 1.5, None, [], {}])
def test_an_id_that_is_none_is_no_id(identifier: object) -> None:
    assert read_request(body(id=identifier, method="ping")).id is None


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"jsonrpc":"1.0","method":"ping"}',
        body(),
        body(method=3),
        body(method=""),
        body(method="tools/call", params={"arguments": {}}),
        body(method="tools/call", params={"name": 3}),
        body(method="tools/call", params={"name": "x", "arguments": []}),
        b"[" * 100_000,
    ],
)
def test_what_is_no_request_is_malformed(document: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        read_request(document)


def test_a_result_is_read_with_its_texts_and_its_structure() -> None:
    content = [{"type": "text", "text": "a"}, {"type": "image", "data": ""}, {"type": "text", "text": "b"}, 7]
    result = {"content": content, "structuredContent": {"n": 1}, "isError": True}
    assert read_answer(body(result=result)) == Result("a\nb", is_error=True, structured={"n": 1})


@pytest.mark.parametrize("result", [{}, {"content": "text"}, {"content": None, "structuredContent": [1]}])
def test_a_result_without_content_is_an_empty_one(result: object) -> None:
    assert read_answer(body(result=result)) == Result()


@pytest.mark.parametrize(
    ("error", "text", "code"),
    [
        ({"code": -32001, "message": "late"}, "late", -32001),
        ({"code": "x"}, "the tool server answered with an error", -32603),
        ("broken", "the tool server answered with an error", -32603),
        ({"code": 0, "message": ""}, "", -32603),
    ],
)
def test_an_error_is_a_result_that_is_an_error(error: object, text: str, code: int) -> None:
    assert read_answer(body(error=error)) == Result(text, is_error=True, code=code)


@pytest.mark.parametrize("document", [b"", b"{}", body(), body(result=[]), body(result=None)])
def test_what_is_no_answer_is_malformed(document: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        read_answer(document)
