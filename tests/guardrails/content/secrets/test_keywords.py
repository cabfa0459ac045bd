import pytest

from lictor.guardrails.content.secrets.keywords import find_pairs, rate_value


@pytest.mark.parametrize(
    "text",
    [
        "password = hunter2x",
        'PASSWORD: "Tr0ub4dor&3"',
        "the passphrase is c0rrecth0rse9",
        "api_key=4f9d3a7b1c2e5f60",
        "Authorization: Bearer 9a8b7c6d5e4f3a2b1c",
        '{"client_secret": "q9W3e7R1t5Y2"}',
        "client_srt = qpF8Q~PCM5MhMoyTFc5TYEomnYRUKim9UJhe8a2P",
    ],
)
def test_named_values_are_found(text: str) -> None:
    found = find_pairs(text.encode())
    assert found
    assert all(each.guard == "secret" and each.score >= 0.9 for each in found)
    assert text.encode()[found[0].start : found[0].end].decode() in text


@pytest.mark.parametrize(
    "text",
    [
        "password: required",
        "token = get_token(",
        "api_key = os.environ['KEY2024']",
        "password = ${DB_PASSWORD_1}",
        "secret: <your-secret-1>",
        "the token is valid for 24 hours",
        "password=xxxxxxxx1",
        "csrf-token=Mj2qykJO5rELyHgezQ69",
        "![badge](https://codecov.example/badge.svg?token=KkHZ3siA3m)",
        "keyboard = qwerty12345",
        "secret: 12345678",
    ],
)
def test_placeholders_and_prose_are_left(text: str) -> None:
    assert not find_pairs(text.encode())


def test_the_more_random_the_higher() -> None:
    assert rate_value("hello") == 0.0
    assert rate_value("abc12x") <= rate_value("9f8e7d6c5b4a39281706f5e4")


def test_the_number_of_findings_is_bounded() -> None:
    text = b"".join(b"password=p%031x " % (number * 7919**5) for number in range(2000))
    assert len(find_pairs(text)) == 64
