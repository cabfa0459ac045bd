"""What data from and for tools, models and agents is marked with: labels, refusals, clearances, and their defaults."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from lictor.runtime.definition.problem import Problem
from lictor.runtime.definition.reader import Path
from lictor.runtime.definition.team import SourceFile

LEVELS: Final = ("public", "internal", "secret")
"""Of confidentiality, from the least."""
UNTRUSTED: Final = "untrusted"
TRUSTED: Final = "trusted"
BUILT_IN: Final = frozenset({*LEVELS, UNTRUSTED, TRUSTED})


def labels_of(given: Iterable[str] | None, *, remote: bool) -> tuple[str, ...]:
    """Return what a tool's results carry: a remote one is untrusted unless the file says `trusted`."""
    words = dict.fromkeys(given or ())
    if remote and TRUSTED not in words:
        words[UNTRUSTED] = None
    return tuple(word for word in words if word != TRUSTED)


def clearance_of(given: str | None, *, remote: bool) -> str:
    """Return the most confidential data that a tool or a model gets: a remote one gets no secrets unless it is said."""
    return given or ("internal" if remote else "secret")


def leaves_machine(url: str) -> bool:
    """Tell whether what is sent to an address leaves this machine; no address is no way out."""
    if not url:
        return False
    try:
        host = urlsplit(url).hostname or ""
        return host != "localhost" and not ip_address(host).is_loopback
    except ValueError:
        return True


def join_words(*lists: Iterable[str]) -> tuple[str, ...]:
    """Return all words, each once."""
    return tuple(dict.fromkeys(word for words in lists for word in words))


def check_words(source: SourceFile, path: Path, key: str, words: Sequence[str] | None) -> list[Problem]:
    """Return what is wrong with the words under one key, each at its place."""
    found = list(words or ())
    problems: list[Problem] = []
    for index, word in enumerate(found):
        message, hint = _objection(key, word, found)
        if message:
            problems.append(Problem("L119", message, source.document.span((*path, key, index)), hint))
    return problems


def _objection(key: str, word: str, words: Sequence[str]) -> tuple[str, str]:
    if word == TRUSTED and key == "refuse":
        return "everything would be refused: what is not untrusted is trusted", "name what must not flow in"
    if word == LEVELS[0] and key == "refuse":
        return "everything would be refused: the least confidential data is public", "write internal, or secret"
    if word == TRUSTED and key == "emits":
        return "an agent cannot make what it passes on trusted; only a person who approves it can", "remove it"
    if word == TRUSTED and UNTRUSTED in words:
        return "it cannot be trusted and untrusted", "keep one of them"
    levels = [item for item in words if item in LEVELS]
    if key != "refuse" and len(levels) > 1 and word == levels[-1]:
        return f"it cannot be {levels[0]} and {word}", "keep the higher one"
    return "", ""
