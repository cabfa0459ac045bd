"""Labels as A2A metadata."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lictor.protocols.a2a.taint import add_taint, read_taint

WORDS = ("internal", "untrusted", "customer")


def taken(body: Any) -> Any:
    return json.loads(add_taint(json.dumps(body).encode(), WORDS))


TAINT = {"dataTaint": {"labels": ["internal", "untrusted-external", "customer"]}}


def test_a_request_says_it_of_its_message() -> None:
    body = taken({"method": "SendMessage", "params": {"message": {"parts": []}}})

    assert body["params"]["message"]["metadata"] == TAINT
    assert read_taint(json.dumps(body).encode()) == WORDS


def test_an_answer_says_it_of_its_task_and_artifacts() -> None:
    body = taken({"result": {"task": {"status": {"state": "x"}, "artifacts": [{"parts": []}], "metadata": {"k": 1}}}})

    assert body["result"]["task"]["metadata"] == {"k": 1, **TAINT}
    assert body["result"]["task"]["artifacts"][0]["metadata"] == TAINT
    bare = taken({"result": {"id": "t", "status": {}}})
    assert bare["result"]["metadata"] == TAINT


def test_events_of_a_stream() -> None:
    artifact = taken({"result": {"artifactUpdate": {"artifact": {"parts": []}}}})
    status = taken({"result": {"statusUpdate": {"status": {"message": {"parts": []}}}}})
    message = taken({"result": {"message": {"parts": []}}})

    assert artifact["result"]["artifactUpdate"]["artifact"]["metadata"] == TAINT
    assert status["result"]["statusUpdate"]["status"]["message"]["metadata"] == TAINT
    assert message["result"]["message"]["metadata"] == TAINT


def test_what_was_claimed_stays() -> None:
    body = {"params": {"message": {"metadata": {"dataTaint": {"labels": ["theirs", "internal"], "more": 1}}}}}

    taint = taken(body)["params"]["message"]["metadata"]["dataTaint"]
    assert taint == {"labels": ["theirs", "internal", "untrusted-external", "customer"], "more": 1}


def test_bodies_that_bear_nothing_are_left_alone() -> None:
    for body in (b"nonsense", b"[]", b'{"error": {}}', b'{"params": {"id": "t"}}'):
        assert add_taint(body, WORDS) is body
    assert add_taint(b'{"params": {"message": {}}}', ()) == b'{"params": {"message": {}}}'


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["params", "result", "message", "metadata", "dataTaint", "labels", "task", "artifacts", "status"]
                ),
                inner,
            )
        ),
    )
)
def test_never_fails(body: Any) -> None:
    written = json.dumps(body).encode()

    assert isinstance(add_taint(written, WORDS), bytes)
    assert isinstance(read_taint(written), tuple)
