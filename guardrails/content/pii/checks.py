"""Checksums and rules that tell a number from an identifier."""

from typing import Final

_IBANS: Final = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL",
    19: "MK SI",
    20: "AT BA EE KZ LT LU XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT SC",
    32: "LC",
}
"""Countries by the length of their IBANs, after the SWIFT registry."""
_IBAN_LENGTHS: Final = {country: length for length, names in _IBANS.items() for country in names.split()}
_CARDS: Final = (
    ("4", (13, 16, 19)),
    ("5", (16,)),
    ("2", (16,)),
    ("34", (15,)),
    ("37", (15,)),
    ("30", (14, 16)),
    ("36", (14, 16)),
    ("38", (14, 16)),
    ("39", (14, 16)),
    ("35", (16,)),
    ("18", (15,)),
    ("21", (15,)),
    ("6", (16, 17, 18, 19)),
    ("67", (12, 13, 14, 15)),
    ("50", (12, 13, 16, 19)),
    ("56", (12, 13, 16, 19)),
    ("57", (12, 13, 16, 19)),
    ("58", (12, 13, 16, 19)),
)
"""How the numbers of payment cards begin, and their lengths."""


def is_card(digits: str) -> bool:
    """Tell whether digits may be a payment card's number: its issuer, its length and Luhn's sum."""
    if len(set(digits)) < 2 or not any(digits.startswith(head) and len(digits) in lengths for head, lengths in _CARDS):
        return False
    total = 0
    for place, sign in enumerate(reversed(digits)):
        digit = int(sign) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Tell whether letters and digits are an IBAN: country, length and remainder 1 modulo 97 (ISO 13616)."""
    if _IBAN_LENGTHS.get(text[:2]) != len(text) or not text.isalnum() or not text.isascii():
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def is_ssn(area: str, group: str, serial: str) -> bool:
    """Tell whether numbers may be a US social security number: no area 000, 666 or 9xx, no group or serial of zeros."""
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"
