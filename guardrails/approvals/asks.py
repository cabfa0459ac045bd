"""What a person is asked: every ask of every layer, so that an approval meets none that nobody was shown."""

import re
from collections.abc import Iterable
from typing import Final

from lictor.guardrails.verdict import Judgement, Outcome, Verdict

_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


def asks_of(judgement: Judgement) -> tuple[Verdict, ...]:
    """Return all that is asked in a judgement, each once: the one that decides first, then in the layers' order."""
    return _each((judgement.deciding, *judgement.verdicts))


def unseen(verdicts: Iterable[Verdict], seen: Iterable[Verdict], *, edited: bool = False) -> tuple[Verdict, ...]:
    """Return what verdicts ask that is not among the asks that were shown.

    An ask is the same when its rule says the same; numbers in it may differ, since counts and scores move on. Of edited
    arguments a rule may speak otherwise than of those before: any ask of the same rule is the same then.
    """
    identity = _rule if edited else _saying
    known = {identity(ask) for ask in seen}
    return tuple(ask for ask in _each(verdicts) if identity(ask) not in known)


def told(ask: Verdict) -> str:
    """Return an ask as one line: its code, its reason, and where its rule stands."""
    place = f" ({ask.file}:{ask.line})" if ask.line else ""
    return f"{ask.code}: {ask.reason}{place}"


def _each(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    asks = (ask for verdict in verdicts if verdict.outcome is Outcome.HOLD for ask in (verdict, *verdict.further))
    found: dict[tuple[object, ...], Verdict] = {}
    for ask in asks:
        found.setdefault((_rule(ask), ask.reason), ask)
    return tuple(found.values())


def _rule(ask: Verdict) -> tuple[object, ...]:
    return ask.layer, ask.code, ask.rule, ask.file, ask.line


def _saying(ask: Verdict) -> tuple[object, ...]:
    return _rule(ask), _NUMBER.sub("#", ask.reason)
