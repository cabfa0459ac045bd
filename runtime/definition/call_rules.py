"""Entries of a permit that look at arguments: `send_money(recipient=DE*, amount<=100)`."""

import json
import re
from typing import Final

from lictor.runtime.definition.constraints import ArgumentRule, CallRule

_ENTRY: Final = re.compile(r"(?P<tool>[^()\s]+)\((?P<inside>.*)\)", re.DOTALL)
_TERM: Final = re.compile(r"(?P<path>[^\s=<>!\"']+)\s*(?P<sign><=|>=|=|<|>)\s*(?P<rest>.*)", re.DOTALL)
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?")
_HOW: Final = "write name(argument=glob, amount<=100), with quotes around a glob that holds a comma or a bracket"
_SPECIAL: Final = frozenset("\\.+*?()|[]{}^$-")


def has_arguments(text: str) -> bool:
    """Tell whether an entry looks at arguments, rather than being a glob on names alone."""
    return "(" in text


def parse_call(verdict: str, text: str, file: str = "", line: int = 0) -> CallRule:
    """Read one entry; raises ValueError with a sentence."""
    match = _ENTRY.fullmatch(text.strip())
    if not match or not match["inside"].strip():
        raise ValueError(f"'{text}' is not a call: {_HOW}")
    rules = tuple(_argument(part.strip(), text) for part in _parts(match["inside"]))
    return CallRule(verdict, match["tool"], rules, text.strip(), file, line)


def glob_pattern(glob: str) -> str:
    r"""Return a glob as a regular expression over the whole text; raises ValueError when it is none.

    `*` is any text, `?` one character, `[a-z]` and `[!a-z]` one of some, `{one,other}` one of several, and `\\` takes
    the meaning of the next sign away. Written out here, because engines read globs differently and expressions alike.
    """
    parts: list[str] = []
    depth, index = 0, 0
    while index < len(glob):
        sign = glob[index]
        index += 1
        if sign == "\\":
            if index == len(glob):
                raise ValueError(f"'{glob}' is not a glob: it ends in \\")
            parts.append(_literal(glob[index]))
            index += 1
        elif sign == "[":
            end = glob.find("]", index + 1)
            if end < 0:
                raise ValueError(f"'{glob}' is not a glob: a [ is not closed")
            parts.append(_class(glob[index:end], glob))
            index = end + 1
        elif sign == "{":
            depth += 1
            parts.append("(?:")
        elif sign == "}" and depth:
            depth -= 1
            parts.append(")")
        elif sign == "," and depth:
            parts.append("|")
        else:
            parts.append({"*": ".*", "?": "."}.get(sign) or _literal(sign))
    if depth:
        raise ValueError(f"'{glob}' is not a glob: a {{ is not closed")
    return f"(?s)\\A{''.join(parts)}\\z"


def _argument(part: str, text: str) -> ArgumentRule:
    match = _TERM.fullmatch(part)
    if not match:
        raise ValueError(f"'{part}' in '{text}' is not a condition: {_HOW}")
    path = tuple(match["path"].split("."))
    if not all(path):
        raise ValueError(f"'{match['path']}' is not the name of an argument")
    sign, rest = match["sign"], match["rest"].strip()
    if sign != "=":
        if not _NUMBER.fullmatch(rest):
            raise ValueError(f"'{part}' compares with '{rest}', which is not a number")
        return ArgumentRule(path, sign, value=_plain_number(rest))
    quoted = len(rest) > 1 and rest[0] == rest[-1] and rest[0] in "\"'"
    glob = rest[1:-1] if quoted else rest
    if not glob and not quoted:
        raise ValueError(f"'{part}' has nothing after =: {_HOW}")
    plain = {"true": True, "false": False}.get(glob, _plain_number(glob) if _NUMBER.fullmatch(glob) else None)
    return ArgumentRule(path, "=", glob, glob_pattern(glob), None if quoted else plain)


def _parts(text: str) -> list[str]:
    """Split at commas outside quotes, brackets and braces."""
    parts, depth, quote, start = [], 0, "", 0
    for index, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'" and text[:index].rstrip().endswith("="):
            quote = sign
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth = max(0, depth - 1)
        elif sign == "," and not depth:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _plain_number(text: str) -> float:
    number: float = json.loads(text)
    return number


def _literal(sign: str) -> str:
    return f"\\{sign}" if sign in _SPECIAL else sign


def _class(inside: str, glob: str) -> str:
    negated = inside.startswith(("!", "^"))
    body = inside[1:] if negated else inside
    if not body or not re.fullmatch(r"[\w .,:;@+-]+", body, re.ASCII):
        raise ValueError(
            f"'{glob}' is not a glob: '[{inside}]' holds letters, digits, ranges like a-z and . , : ; @ + _"
        )
    parts = re.findall(r"[^-]-[^-]|.", body)
    if any(len(part) == 3 and part[0] > part[2] for part in parts):
        raise ValueError(f"'{glob}' is not a glob: a range in '[{inside}]' goes backwards")
    shown = "".join(part if len(part) == 3 else f"\\{part}" if part == "-" else part for part in parts)
    return f"[{'^' if negated else ''}{shown}]"
