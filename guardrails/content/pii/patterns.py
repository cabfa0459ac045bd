"""How personal data is written: what the prefilter looks for, and the expressions that find the exact place."""

import re
from typing import Final

from lictor.guardrails.content.prefilter import Pattern

CLASSES: Final = ("email", "card", "iban", "ssn", "ip", "phone")
PATTERNS: Final = (
    Pattern("pii-email", r"[A-Za-z0-9._%+'-]@[A-Za-z0-9-]+\.[A-Za-z0-9.-]*[A-Za-z]"),
    Pattern("pii-email", r"(?i)[a-z0-9._-]\s{0,2}[\[(]\s?at\s?[\])]\s{0,2}[a-z0-9-]"),
    Pattern("pii-email", r"[\x80-\xff]@[\x80-\xffA-Za-z0-9.-]|[A-Za-z0-9]@[A-Za-z0-9.-]{0,60}[\x80-\xff]"),
    Pattern("pii-card", r"(?:^|[^0-9A-Za-z._-])[1-6](?:[ .-]?[0-9]){11}"),
    Pattern("pii-iban", r"(?i)\b[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11}"),
    Pattern("pii-ssn", r"\b[0-8][0-9]{2}[- .][0-9]{2}[- .][0-9]{4}\b"),
    Pattern("pii-ssn", r"(?i)(?:\bssn|social security).*[0-8][0-9]{8}"),
    Pattern("pii-ip", r"\b[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\b"),
    Pattern("pii-ip", r"(?i)(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}|[0-9a-f]{1,4}::[0-9a-f]"),
    Pattern("pii-phone", r"(?:\+|\b00)[0-9](?:[ ()./-]{0,2}[0-9]){6,13}"),
    Pattern("pii-phone", r"[(]?[0-9]{2,5}[)]?[ .-]{1,2}[0-9]{2,4}[ .-][0-9]{3,5}|[0-9]{2}(?:[ .-][0-9]{2}){3}"),
    Pattern(
        "pii-phone",
        r"(?i)\b(?:phone|call|tel|mobile|fax|cell|reach|dial)\b.*(?:[0-9]{7}|[0-9]{3}[ .-][0-9]{3})",
    ),
    Pattern("pii-phone", r"(?i)[0-9]{7,11}.{0,2}(?:fax|office|mobile|phone|home|cell)"),
)

EMAIL: Final = re.compile(
    r"(?<![\w.%+'-])[\w.%+'-]{1,254}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}"
    r"|(?<![\w.-])[\w.-]{1,64} ?[\[(] ?at ?[\])] ?[\w-]{1,63}(?: ?[\[(] ?dot ?[\])] ?|\.)[\w.-]{2,63}",
    re.IGNORECASE,
)
CARD: Final = re.compile(r"(?<![\d.,-])\d(?:[ .-]?\d){11,18}(?![\d])")
IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE)
SSN: Final = re.compile(
    r"(?<![\d-])(\d{3})([- .])(\d{2})\2(\d{4})(?![\d-])"
    r"|(?i:ssn|social security)\D{0,24}(\d{3})(\d{2})(\d{4})(?!\d)"
)
IP: Final = re.compile(
    r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d]|\.\d)"
    r"|(?<![0-9a-fA-F:.])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![0-9a-fA-F:])"
)
PHONE: Final = re.compile(
    r"(?<![\w./:=#-])(?<!\d,)(?:\+|00)?[(]?\d(?:[ ().-]{0,2}\d|\(0\)){6,14}(?![\w/:%]|-\w?\d|[.,]\d)"
)
PHONE_FORM: Final = re.compile(
    r"\+?\d{0,3}[ .-]?\(\d{2,5}\)[ .-]?\d[\d .-]{4,12}|(?:\+?1[ .-])?\d{3}([ .-])\d{3}\1\d{4}"
    r"|0\d{1,4}[ -]\d{2,4}[ -]?\d{3,5}(?:[ -]\d{2,4})?"
)
PHONE_CUE: Final = re.compile(
    r"(?i)\b(?:phones?|call|calling|tel|telephone|telefon|mobile|handy|fax|cell|number|text|contact|reach|dial|"
    r"whatsapp|sms|ring|home|"
    r"hotline|office|nummer|anrufen|phone#)\b"
)
DATE: Final = re.compile(r"\d{4}[-. ]\d{1,2}[-. ]\d{1,2}\b|\d{1,2}[-. ]\d{1,2}[-. ]\d{4}\b")
