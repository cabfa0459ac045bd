import json

import pytest

from lictor.protocols.a2a.reading import Citation, Outcome, read_answer, read_request, read_result
from lictor.protocols.errors import MalformedEnvelope


def body(**document: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, **document}).encode()


def test_a_request_tells_its_text_its_task_and_its_citations() -> None:
    parts = [
        {"text": "first"},
        {"data": {"citations": [{"file": "a.md", "heading": "A", "quote": "q"}, "nonsense"]}},
        {"text": "second"},
    ]
    message = {"messageId": "m", "role": "ROLE_USER", "parts": parts, "taskId": "t", "contextId": "c"}

    request = read_request(body(method="SendMessage", params={"message": message}))

    assert request.text == "first\n\nsecond"
    assert (request.id, request.method, request.task, request.context) == (1, "SendMessage", "t", "c")
    assert request.citations == (Citation("a.md", "A", "q"),)


def test_a_request_about_a_task_names_it() -> None:
    assert read_request(body(method="GetTask", params={"id": "t7"})).task == "t7"


@pytest.mark.parametrize(
    "raw",
    [b"", b"no json", b"[]", b"{}", b'{"jsonrpc":"1.0","method":"x"}', b'{"jsonrpc":"2.0"}', b'"\xff"', b"[" * 100_000],
)
def test_what_is_no_request_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        read_request(raw)


@pytest.mark.parametrize(
    "params", [None, [], "x", {"message": 3}, {"message": {"parts": 3}}, {"message": {"parts": [1]}}]
)
def test_odd_params_are_read_as_nothing(params: object) -> None:
    assert read_request(body(method="SendMessage", params=params)).text == ""


def test_a_finished_task_tells_answer_citations_and_model() -> None:
    data = {"citations": [{"file": "a.md", "heading": "A"}], "model": "smollm2"}
    task = {
        "id": "t",
        "contextId": "c",
        "status": {"state": "TASK_STATE_COMPLETED"},
        "artifacts": [{"parts": [{"text": "yes"}, {"data": data}]}],
    }

    assert read_answer(body(result={"task": task})) == Outcome(
        "completed", "yes", "t", "c", (Citation("a.md", "A"),), "smollm2"
    )
    assert read_answer(body(result=task)).text == "yes"


def test_a_failed_task_tells_the_sentence_of_its_status() -> None:
    status = {"state": "TASK_STATE_FAILED", "message": {"parts": [{"text": "its time was over"}]}}

    outcome = read_answer(body(result={"task": {"id": "t", "status": status}}))

    assert (outcome.state, outcome.text) == ("failed", "its time was over")


def test_events_tell_what_they_are() -> None:
    update = read_result({"statusUpdate": {"taskId": "t", "status": {"state": "TASK_STATE_INPUT_REQUIRED"}}})
    piece = read_result({"artifactUpdate": {"taskId": "t", "append": True, "artifact": {"parts": [{"text": "wo"}]}}})
    whole = read_result({"artifactUpdate": {"taskId": "t", "lastChunk": True, "artifact": {"parts": [{"text": "wo"}]}}})
    message = read_result({"message": {"parts": [{"text": "hello"}]}})

    assert update.state == "input-required"
    assert (piece.text, piece.append, piece.last) == ("wo", True, False)
    assert (whole.text, whole.append, whole.last) == ("wo", False, True)
    assert (message.state, message.text) == ("completed", "hello")


def test_an_error_keeps_its_code() -> None:
    outcome = read_answer(body(error={"code": -32001, "message": "Task not found"}))

    assert (outcome.code, outcome.error, outcome.state) == (-32001, "Task not found", "")
    assert read_answer(body(error="odd")).code == -32603


def test_an_answer_without_result_is_malformed() -> None:
    with pytest.raises(MalformedEnvelope):
        read_answer(body())
