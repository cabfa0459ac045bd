import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.guardrails.content.redact import NotRedacted, redact, restore

TOKEN = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"


def body(**fields: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 7, "params": fields}, ensure_ascii=False).encode()


def test_marks_stand_where_the_data_stood() -> None:
    before = body(text="Write to bob@example.com or +44 20 7946 0958.", n=1.50, other="none")
    after = redact(before, ["email", "pii/phone"])
    assert json.loads(after.body)["params"]["text"] == "Write to ‹email› or ‹phone›."
    assert after.removed == (("email", "bob@example.com"), ("phone", "+44 20 7946 0958"))
    assert after.body == before.replace(b"bob@example.com", "‹email›".encode()).replace(
        b"+44 20 7946 0958", "‹phone›".encode()
    )


def test_it_is_reversible() -> None:
    before = body(text='He said "mail bob@example.com"\n or card 4111 1111 1111 1111', key="‹email› x")
    after = redact(before, ["pii"])
    assert b"bob@" not in after.body
    assert json.loads(restore(after.body, after.removed)) == json.loads(before)


def test_other_classes_stay() -> None:
    before = body(text="bob@example.com 460-89-9847")
    assert redact(before, ["ssn"]).removed == (("ssn", "460-89-9847"),)
    assert redact(before, ["unknown", "injection"]).body is before
    assert redact(before, []).body is before
    clean = body(text="nothing here")
    assert redact(clean, ["pii"]) == (clean, ())


def test_a_key_tells_what_its_value_is() -> None:
    after = redact(body(phone="2079460958"), ["phone"])
    assert json.loads(after.body)["params"]["phone"] == "‹phone›"


def test_secrets_are_taken_out() -> None:
    after = redact(body(text=f"use {TOKEN} and password = hunter2x"), ["secret/github-pat", "secret/keyword"])
    assert json.loads(after.body)["params"]["text"] == "use ‹secret› and password = ‹secret›"


def test_another_spelling_does_not_help() -> None:
    after = redact(body(text="ｂｏｂ@ｅｘａｍｐｌｅ.com, or b\u200bob@example.com"), ["email"])
    assert json.loads(after.body)["params"]["text"] == "‹email›, or ‹email›"
    assert redact(rb'{"t": "b\u006fb@example.com"}', ["email"]).body == '{"t": "‹email›"}'.encode()


@pytest.mark.parametrize(
    "spelled", ["note_bob@example.com", "note_b\\u006fb@example.com", "note_bob@e\u200bxample.com"]
)
def test_the_name_of_what_is_called_never_changes(spelled: str) -> None:
    for call in ('{"method": "%s"}', '{"method": "tools/call", "params": {"name": "%s", "arguments": {"a": 1}}}'):
        with pytest.raises(NotRedacted):
            redact((call % spelled).encode(), ["email"])


def test_a_secret_is_taken_out_wherever_it_stands() -> None:
    after = redact(body(a=f"{TOKEN} and {TOKEN}", b=f"again {TOKEN}"), ["secret"])
    assert TOKEN.encode() not in after.body
    assert len(after.removed) == 3


def test_what_reaches_over_strings_is_taken_out_of_each() -> None:
    key = ["-----BEGIN RSA PRIVATE KEY-----", *["MIIEpAIBAAKCAQEA7bq0" * 3] * 4, "-----END RSA PRIVATE KEY-----"]
    after = redact(json.dumps(["\n".join(key), "mail bob@example.com"]).encode(), ["secret", "pii"])
    assert "‹email›" in json.loads(after.body)[1]
    assert b"MIIE" not in after.body


def test_too_much_is_not_taken_out() -> None:
    with pytest.raises(NotRedacted):
        redact(body(text=" ".join(f"bob{n}@example.com" for n in range(3000))), ["pii"])
    with pytest.raises(NotRedacted):
        redact(json.dumps(["ab"] * 150_000).encode(), ["pii"])


@pytest.mark.parametrize("broken", [b"", b'"', b'{"a": "b', b'"\xff bob@example.com"', b'"\\', b"bob@example.com"])
def test_what_is_no_json_does_not_break_it(broken: bytes) -> None:
    redact(broken, ["pii", "secret"])


@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=60) | st.integers() | st.floats(allow_nan=False), max_size=4)
)
@settings(max_examples=60)
def test_json_stays_json_and_comes_back(document: dict[str, object]) -> None:
    before = json.dumps({**document, "mail": "bob@example.com"}).encode()
    after = redact(before, ["pii"])
    assert "‹email›" in json.loads(after.body).values()
    assert json.loads(restore(after.body, after.removed)).get("mail") == "bob@example.com"
