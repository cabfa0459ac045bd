"""Patterns for values: `*` is any run of characters, `?` any one; case does not count. Linear for one star."""

from lictor.guardrails.contract.normal import normal_text, normal_value


def is_like(value: str, pattern: str) -> bool:
    """Tell whether a pattern fits a whole value; one with characters that only look like plain ones fits nothing."""
    plain = normal_value(value)
    return plain is not None and _fits(plain.lower(), normal_text(pattern).lower())


def _fits(text: str, pattern: str) -> bool:
    at = start = marked = 0
    star = -1
    while at < len(text):
        if start < len(pattern) and pattern[start] == "*":
            star, marked, start = start, at, start + 1
        elif start < len(pattern) and pattern[start] in {"?", text[at]}:
            at, start = at + 1, start + 1
        elif star >= 0:
            marked += 1
            at, start = marked, star + 1
        else:
            return False
    return not pattern[start:].strip("*")
