import base64
from urllib.parse import quote

import pytest

from lictor.guardrails.content.secrets.known import KnownSecrets, squeeze

VALUE = "s3cr3t-Value!42"


@pytest.mark.parametrize(
    "text",
    [
        VALUE,
        f"x{VALUE}y",
        VALUE[::-1],
        VALUE.encode().hex(),
        VALUE.encode().hex().upper(),
        quote(VALUE, safe=""),
        base64.b64encode(VALUE.encode()).decode(),
        base64.b64encode(b"a" + VALUE.encode() + b"zz").decode(),
        base64.b64encode(b"ab" + VALUE.encode()).decode(),
        " ".join(VALUE),
        '["s3cr3t", "-Value", "!42"]',
        "S3CR3T value 42",
    ],
)
def test_a_known_secret_is_found_whole_split_and_encoded(text: str) -> None:
    found = KnownSecrets({"vault": VALUE, "other": "another-one-7"}).find(text.encode())
    assert [(each.word, each.detail) for each in found] == [("secret/known", "vault")]


def test_the_value_is_nowhere_in_a_finding() -> None:
    assert VALUE not in repr(KnownSecrets({"vault": VALUE}).find(VALUE.encode()))


def test_others_and_the_short_are_not_found() -> None:
    known = KnownSecrets({"vault": VALUE, "tiny": "abc"})
    assert known.names == ("vault",)
    assert not known.find(b"s3cr3t-Value!43 abc")
    assert not KnownSecrets({}).find(VALUE.encode())


def test_squeezing_keeps_letters_and_digits() -> None:
    assert squeeze("A-b C.1é".encode()) == b"abc1" + "é".encode()
