import pytest

from lictor.guardrails.content.pii.checks import is_card, is_iban, is_ssn


@pytest.mark.parametrize(
    "digits",
    ["4111111111111111", "378282246310005", "5555555555554444", "6011111111111117", "30569309025904", "4222222222222"],
)
def test_cards(digits: str) -> None:
    assert is_card(digits)
    assert not is_card(digits[:-1] + str((int(digits[-1]) + 1) % 10))


def test_no_cards() -> None:
    assert not is_card("0000000000000000")
    assert not is_card("9111111111111111")
    assert not is_card("41111111")


@pytest.mark.parametrize(
    "iban", ["GB29NWBK60161331926819", "DE89370400440532013000", "FR1420041010050500013M02606", "NO9386011117947"]
)
def test_ibans(iban: str) -> None:
    assert is_iban(iban)
    assert not is_iban(iban[:-1] + ("1" if iban[-1] != "1" else "2"))
    assert not is_iban(iban + "1")


def test_no_ibans() -> None:
    assert not is_iban("XX89370400440532013000")
    assert not is_iban("")


def test_social_security_numbers() -> None:
    assert is_ssn("460", "89", "9847")
    assert not is_ssn("666", "89", "9847")
    assert not is_ssn("900", "89", "9847")
    assert not is_ssn("460", "00", "9847")
    assert not is_ssn("460", "89", "0000")
