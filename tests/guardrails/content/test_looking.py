import json
import time

import pytest

from lictor.guardrails.content.finding import highest
from lictor.guardrails.content.looking import UNSCANNED
from lictor.guardrails.content.scanner import Scanner

TOKEN = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"
MOST_SECONDS = 1.0
"""CPU time: about ten times what it takes, for a machine that is busy."""


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    scanner = Scanner()
    scanner.scan(TOKEN.encode())
    return scanner


def filled(text: str) -> bytes:
    return json.dumps({"x": text * (1_000_000 // len(text.encode()))}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ",
        "password = ",
        "\ufdfa",
        "p\u0430y ",
    ],
    ids=["key", "jwt", "password", "growing", "alike"],
)
def test_the_work_is_bounded_and_what_it_does_not_reach_is_named(scanner: Scanner, text: str) -> None:
    body = filled(text)
    before = time.process_time()
    found = highest(scanner.scan(body))
    assert time.process_time() - before < MOST_SECONDS
    assert f"secret/{UNSCANNED}" in found


@pytest.mark.parametrize("place", [0, 4_090, 100_000, 400_000])
def test_a_long_text_is_looked_at_where_it_matters(scanner: Scanner, place: int) -> None:
    words = "Größe and hello world, this is the report. " * 10_000
    found = scanner.scan(f'{{"x": "{words[:place]} {TOKEN} bob@example.com {words[place:]}"}}'.encode())
    assert {each.word for each in found} == {"secret/github-pat", "pii/email"}


def test_places_are_those_of_the_whole_text(scanner: Scanner) -> None:
    text = ("é report " * 5_000 + " bob@example.com ").encode()
    (mail,) = {(each.start, each.end) for each in scanner.scan(text)}
    assert text[slice(*mail)] == b"bob@example.com"
