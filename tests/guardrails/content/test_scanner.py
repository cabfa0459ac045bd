import base64
import json

import betterleaks
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.guardrails.content.scanner import CLEAN, Scanner, scan_words

TOKEN = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"
VALUE = "s3cr3t-Value!42"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner({"vault": VALUE})


def body(text: str) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": "1", "params": {"message": {"parts": [{"text": text}]}}}).encode()


def words(scanner: Scanner, text: str) -> set[str]:
    return {found.word for found in scanner.scan(body(text))}


def test_clean_text_is_clean(scanner: Scanner) -> None:
    assert scanner.scan(body("The quick brown fox\njumps over Füchse. " * 20)) is CLEAN


def test_all_guards_look(scanner: Scanner) -> None:
    text = f"{TOKEN} bob@example.com password = hunter2x {VALUE}"
    assert words(scanner, text) >= {"secret/github-pat", "pii/email", "secret/keyword", "secret/known"}


def test_encodings_and_spellings_hide_nothing(scanner: Scanner) -> None:
    for text in (
        base64.b64encode(f"take {TOKEN} please".encode()).decode(),
        TOKEN.encode().hex(),
        "".join(f"%{byte:02x}" for byte in TOKEN.encode()),
        TOKEN.replace("_", "\u200b_"),
        TOKEN.replace("p", "р"),
        f"{TOKEN} gitleaks:allow",
    ):
        assert "secret/github-pat" in words(scanner, text), text
    assert "secret/known" in words(scanner, base64.b64encode(base64.b64encode(VALUE.encode())).decode())


def test_what_the_scanner_cannot_do_is_raised(monkeypatch: pytest.MonkeyPatch, scanner: Scanner) -> None:
    def broken(*_: object) -> None:
        raise betterleaks.BetterleaksError("gone")

    monkeypatch.setattr(betterleaks, "scan_string", broken)
    with pytest.raises(betterleaks.BetterleaksError):
        scanner.scan(body(TOKEN))


def test_headers_are_scanned_unless_they_say_nothing(scanner: Scanner) -> None:
    assert scanner.scan_words(["", "application/json", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"]) is CLEAN
    assert {found.word for found in scanner.scan_words(["plan", TOKEN])} == {"secret/github-pat"}
    assert {found.word for found in scan_words([VALUE, TOKEN])} == {"secret/github-pat"}
    assert "secret/known" in {found.word for found in scanner.scan_words([VALUE])}


@pytest.mark.parametrize(
    "huge",
    [
        b"[" * 400_000 + b"]" * 400_000,
        b'"' + b"a" * 999_990 + b'@b.co"',
        b'"' + b"QUFB" * 250_000 + b'"',
        b'"' + b"\\u0041" * 160_000 + b'"',
        b"password=" * 100_000,
        b"key: abcdEFGH1234 " * 55_000,
        b"\xff\xfe" * 500_000,
    ],
    ids=["nested", "line", "base64", "escapes", "names", "pairs", "bytes"],
)
@pytest.mark.slow
def test_a_megabyte_of_anything_is_scanned(scanner: Scanner, huge: bytes) -> None:
    scanner.scan(huge)


@given(st.binary(max_size=500))
@settings(max_examples=80, deadline=None)
def test_no_body_breaks_it_nor_hides_a_token(scanner: Scanner, noise: bytes) -> None:
    scanner.scan(noise)
    assert any(found.kind == "github-pat" for found in scanner.scan(noise + b" " + TOKEN.encode() + b" "))
