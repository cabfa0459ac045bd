"""The words by which messages are chosen: `task=… from=… to=… kind=… verdict=… since=…`."""

import datetime
from collections.abc import Callable, Iterable
from typing import Final

from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.seconds import read_seconds
from lictor.runtime.store.results import MessageFilter

_FIELDS: Final = {"task": "task", "from": "sender", "to": "target", "kind": "kind", "verdict": "outcome"}
_KINDS: Final = ("a2a", "mcp", "model", "event", "reply")
_VERDICTS: Final = ("allow", "redact", "hold", "deny", "quarantine", "lost", "expired")


def read_criteria(words: Iterable[str], now: float, find_task: Callable[[str], str]) -> MessageFilter:
    """Return the filter that the words ask for; raises Quit on a word that is none.

    `find_task` completes the beginning of a task's id; `since` is a duration before `now` or a time in ISO 8601.
    """
    fields: dict[str, str] = {}
    since = 0.0
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not value or (name not in _FIELDS and name != "since"):
            known = ", ".join(f"{field}=" for field in [*_FIELDS, "since"])
            raise Quit(Exit.USAGE, f"{word!r} is no filter", hint=f"filters are {known}")
        if name == "since":
            since = read_moment(value, now)
            continue
        _require_known(name, value)
        fields[_FIELDS[name]] = find_task(value) if name == "task" else value
    return MessageFilter(**fields, since=since)


def _require_known(name: str, value: str) -> None:
    known = {"kind": _KINDS, "verdict": _VERDICTS}.get(name)
    if known is not None and value not in known:
        raise Quit(Exit.USAGE, f"{name}={value}: it is one of {', '.join(known)}")


def read_moment(value: str, now: float) -> float:
    """Return the Unix time that a time in ISO 8601 names, or a duration before `now`; raises Quit on anything else."""
    try:
        moment = datetime.datetime.fromisoformat(value)
    except ValueError:
        return now - read_seconds(value)
    return moment.astimezone().timestamp() if moment.tzinfo is None else moment.timestamp()
