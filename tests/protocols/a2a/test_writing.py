import json

from a2a.types import SendMessageRequest
from google.protobuf.json_format import ParseDict

from lictor.protocols.a2a.reading import Citation, read_request
from lictor.protocols.a2a.writing import attachment, cancel_task, get_task, send_message


def test_a_message_is_what_the_sdk_reads() -> None:
    raw = send_message("hello", context="c", citations=[Citation("a.md", "A", "q")])

    document = json.loads(raw)
    request = ParseDict(document["params"], SendMessageRequest())

    assert request.message.parts[0].text == "hello"
    assert request.message.context_id == "c"
    assert document["method"] == "SendMessage"
    assert read_request(raw).citations == (Citation("a.md", "A", "q"),)


def test_a_streamed_message_to_a_task_keeps_its_id() -> None:
    request = read_request(send_message("more", task="t", streaming=True, identifier="m1"))

    assert (request.method, request.task) == ("SendStreamingMessage", "t")


def test_tasks_are_asked_for_and_canceled() -> None:
    assert (read_request(get_task("t")).method, read_request(get_task("t")).task) == ("GetTask", "t")
    assert (read_request(cancel_task("t")).method, read_request(cancel_task("t")).task) == ("CancelTask", "t")


def test_an_attachment_names_the_model_only_when_there_is_one() -> None:
    assert attachment([]) == {"citations": []}
    assert attachment([Citation("a", "b")], "m") == {
        "citations": [{"file": "a", "heading": "b", "quote": ""}],
        "model": "m",
    }
