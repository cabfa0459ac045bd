r"""Regular expressions that every engine reads alike: what may stand in one.

OPA's are Go's RE2, the embedded engine's are Rust's. Both are linear in the text; their classes differ: to Rust `\d`
is any digit of Unicode, to Go it is 0 to 9.
"""

import re
from typing import Final

_CATEGORY: Final = r"\\[pP](?:[LMNPSZ]|\{(?:L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)\})"
_SIGN: Final = r"\\(?:[ntrf]|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]{1,6}\})"
_TOKEN: Final = re.compile(
    rf"""
      \\[.^$*+?()\[\]{{}}|\\/&~#-]
    | {_SIGN} | {_CATEGORY}
    | \(\?(?:P<[A-Za-z_]\w*>|[ims]*(?:-[ims]+)?[:)]) | \((?!\?) | \)
    | \[\^?\]?(?:\[:\^?[a-z]+:\]|\\[\\\]\[^/.*+?(){{}}|$&~#-]|{_SIGN}|{_CATEGORY}|[^\\\[\]&~-]|-(?!-)|&(?!&)|~(?!~))*\]
    | (?:\{{\d{{1,3}}(?:,\d{{0,3}})?\}}|[*+?])\??(?![*+?{{])
    | [.^$|]
    | [^\\.^$*+?()\[\]{{}}|]
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_CLASSES: Final = re.compile(r"\\[dDwWsSbB]")
_ANCHORS: Final = re.compile(r"\\[AzZ]")


def complaint_about(pattern: str) -> str:
    """Return why engines may read a regular expression differently, and what to write; empty when they do not."""
    place = 0
    while place < len(pattern):
        found = _TOKEN.match(pattern, place)
        if found is None:
            return _explain(pattern, place)
        place = found.end()
    return ""


def _explain(pattern: str, place: int) -> str:
    if _CLASSES.match(pattern, place) or (pattern[place] == "[" and _CLASSES.search(pattern, place)):
        return r"\d, \w, \s and \b mean other signs to other engines: write [0-9], [0-9A-Za-z_], [ \t\r\n]"
    if _ANCHORS.match(pattern, place):
        return "write ^ and $ for the beginning and the end of the text"
    return f"{pattern[place : place + 12]!r} is not read alike by every engine"
