"""How a call stands to a contract: a pure function of the contract, the call and what the task has read."""

import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from lictor.guardrails.contract.contract import Argument, Call, Contract, Finding, Literal, State, Step, Tool
from lictor.guardrails.contract.match import forms, is_equal, split_moment
from lictor.guardrails.contract.origins import TaskOrigins
from lictor.guardrails.contract.sources import Answer, ask_sources, describe

_MET: Final = Finding(State.MET)
_MOST_VALUES: Final = 2_000
_MOST_COMPARED: Final = 192_000_000
"""How much one call may have searched, each value counting the weight of all that its task has read."""
_MOST_DEPTH: Final = 16
_LONGEST_KEY: Final = 32

Path = tuple[str, ...]


def judge(contract: Contract, call: Call, origins: TaskOrigins) -> Finding:
    """Return how the call stands to the contract; `origins` also tells how often the tool was called before."""
    if "/" in call.tool:
        reason = f"{call.tool} is no name of a tool: with a '/' it could be taken for a tool of another server"
        return Finding(State.BROKEN, "contract.tool", reason, "", contract.file, contract.line)
    name = f"{call.server}/{call.tool}"
    if name not in contract.tools:
        name = call.tool
    tool = contract.tools.get(name)
    if tool is None:
        return _unlisted(contract, call)
    if tool.times is not None and origins.called(call.agent, name) >= tool.times:
        times = {0: "never", 1: "once"}.get(tool.times, f"{tool.times} times")
        reason = f"the task's contract lets {call.tool} be called {times}"
        return Finding(State.BROKEN, "contract.times", reason, "", contract.file, tool.line)
    if not isinstance(call.arguments, dict):
        reason = f"the arguments of {call.tool} are no object"
        return Finding(State.BROKEN, "contract.arguments", reason, "", contract.file, tool.line)
    asks: Finding | None = None
    for path, code, state, reason, line in _Walk(tool, origins).judge(call.arguments):
        name = ".".join(path)
        place = contract.file, line or tool.line
        finding = Finding(state, code, f"{call.tool}: {name}: {reason}" if name else reason, name, *place)
        if state is State.BROKEN:
            return finding
        asks = asks or finding
    return asks or _MET


def _unlisted(contract: Contract, call: Call) -> Finding:
    if call.reads_only and contract.otherwise is not Step.DENY:
        return _MET
    state = State.ASK if contract.otherwise is Step.ASK else State.BROKEN
    only = ", and it does more than read" if contract.otherwise is Step.READ_ONLY else ""
    reason = f"the task's contract does not list {call.tool}{only}"
    return Finding(state, "contract.tool", reason, "", contract.file, contract.line)


Objection = tuple[Path, str, State, str, int]


class _Walk:
    """Goes once through the arguments of one call."""

    def __init__(self, tool: Tool, origins: TaskOrigins) -> None:
        self._tool = tool
        self._origins = origins
        self._values = 0
        self._compared = 0

    def judge(self, arguments: dict[str, Any]) -> Iterator[Objection]:
        for pattern, rule in self._tool.arguments:
            if rule.required and not _is_there(arguments, pattern):
                yield pattern, "contract.argument_missing", self._broken(rule), "it has to be given", rule.line
        yield from self._keys(arguments, ())
        for key, value in arguments.items():
            yield from self._value(value, (key,), None)

    def _keys(self, value: dict[str, Any], path: Path) -> Iterator[Objection]:
        """Object to keys that some server may take for another: only case tells them apart from it."""
        known = {_fold(step): step for step in self._steps_below(path)}
        for key in value:
            other = known.setdefault(_fold(key), key)
            if other != key:
                reason = f"its key may be taken for {other[:_LONGEST_KEY]!r}: they differ in case alone"
                yield (*path, key[:_LONGEST_KEY]), "contract.arguments", State.BROKEN, reason, self._tool.line

    def _broken(self, rule: Argument | None) -> State:
        step = rule.broken if rule is not None and rule.broken is not None else self._tool.broken
        return State.ASK if step is Step.ASK else State.BROKEN

    def _value(self, value: Any, path: Path, above: Argument | None) -> Iterator[Objection]:  # noqa: ANN401
        self._values += 1
        if self._values > _MOST_VALUES or len(path) > _MOST_DEPTH:
            reason = f"it holds more than {_MOST_VALUES} values or is nested deeper than {_MOST_DEPTH}"
            yield path[:1], "contract.arguments", State.BROKEN, reason, 0
            return
        rule = self._rule(path) or above
        below = self._steps_below(path)
        if below and not (isinstance(value, dict) or (isinstance(value, list) and below == {"*"})):
            if value not in (None, "", []):
                reason = "the contract names what is in it, and it is not of that shape"
                yield path, "contract.argument", self._broken(rule), reason, self._tool.line
        elif isinstance(value, dict | list) and (rule or below or self._tool.otherwise is not Step.ANY):
            yield from self._container(value, path, rule)
        elif rule is not None:
            yield from self._scalar(value, path, rule)
        elif self._tool.otherwise is not Step.ANY and not _is_nothing(value):
            state = State.ASK if self._tool.otherwise is Step.ASK else State.BROKEN
            yield path, "contract.argument", state, "the contract does not name this argument", self._tool.line

    def _rule(self, path: Path) -> Argument | None:
        best: Argument | None = None
        fewest = len(path) + 1
        for pattern, rule in self._tool.arguments:
            if len(pattern) == len(path) and all(a in {"*", b} for a, b in zip(pattern, path, strict=True)):
                stars = pattern.count("*")
                if stars < fewest:
                    best, fewest = rule, stars
        return best

    def _steps_below(self, path: Path) -> set[str]:
        """Return the steps that the contract's paths take from here on."""
        return {
            pattern[len(path)]
            for pattern, _ in self._tool.arguments
            if len(pattern) > len(path) and all(a in {"*", b} for a, b in zip(pattern, path, strict=False))
        }

    def _container(self, value: Any, path: Path, rule: Argument | None) -> Iterator[Objection]:  # noqa: ANN401
        if rule is not None and any(
            isinstance(source.place, Literal)
            and isinstance(source.place.value, dict | list)
            and _same(value, source.place.value)
            for source in rule.sources
        ):
            return
        if isinstance(value, dict):
            yield from self._keys(value, path)
        items = value.items() if isinstance(value, dict) else ((str(index), item) for index, item in enumerate(value))
        for key, item in items:
            if isinstance(value, dict) and rule is not None and rule.sources and not _is_plain_key(key):
                yield (
                    (*path, key[:_LONGEST_KEY]),
                    "contract.argument",
                    self._broken(rule),
                    "its key is no name",
                    rule.line,
                )
            else:
                yield from self._value(item, (*path, key), rule)

    def _scalar(self, value: Any, path: Path, rule: Argument) -> Iterator[Objection]:  # noqa: ANN401
        if value is None or (_is_nothing(value) and not rule.is_literal):
            return
        if problem := _shape(value, rule.type):
            yield path, "contract.argument", self._broken(rule), problem, rule.line
            return
        if not rule.sources:
            return
        self._compared += self._origins.weight + (len(value) if isinstance(value, str) else 0)
        if self._compared > _MOST_COMPARED:
            reason = "the call has too many values to compare with what its task has read"
            yield path[:1], "contract.arguments", State.BROKEN, reason, rule.line
            return
        answer = ask_sources(rule, value, self._origins)
        if answer is Answer.NO and (moment := split_moment(value)) is not None:
            answer = min(ask_sources(rule, part, self._origins) for part in moment)
        if answer is Answer.YES:
            return
        if answer is Answer.PERSON:
            yield path, "contract.approval", State.ASK, "the contract leaves it to a person", rule.line
        elif answer is Answer.SEVERAL:
            reason = f"there is more than one value that it may be in {describe(rule.sources)}"
            yield path, "contract.ambiguous", State.ASK, reason, rule.line
        else:
            reason = f"it comes from none of its sources: {describe(rule.sources)}"
            if self._origins.overflow:
                reason += " (the task has read more than is kept)"
            yield path, "contract.argument", self._broken(rule), reason, rule.line


def _fold(key: str) -> str:
    return key.lower() if key.isascii() else unicodedata.normalize("NFKC", key).casefold()


def _is_plain_key(key: str) -> bool:
    return len(key) <= _LONGEST_KEY and key.isascii() and key.isidentifier()


def _is_there(value: Any, pattern: Path) -> bool:  # noqa: ANN401
    if not pattern:
        return value not in (None, "", [], {})
    step, rest = pattern[0], pattern[1:]
    if isinstance(value, dict):
        items = value.values() if step == "*" else [value[step]] if step in value else []
    else:
        items = value if isinstance(value, list) and step == "*" else []
    return any(_is_there(item, rest) for item in items)


def _same(value: Any, other: Any) -> bool:  # noqa: ANN401
    if isinstance(value, dict) and isinstance(other, dict):
        return value.keys() == other.keys() and all(_same(value[key], other[key]) for key in value)
    if isinstance(value, list) and isinstance(other, list):
        return len(value) == len(other) and all(_same(one, two) for one, two in zip(value, other, strict=True))
    if isinstance(value, dict | list) or isinstance(other, dict | list):
        return False
    return is_equal(value, other)


def _is_nothing(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a value carries nothing: no text, or no."""
    return value is None or value is False or value == ""


def _shape(value: Any, kind: str) -> str:  # noqa: ANN401
    """Return what is wrong with a value for itself; empty when nothing is."""
    if not kind:
        return ""
    if kind == "boolean":
        fits = isinstance(value, bool)
    elif kind == "text":
        fits = isinstance(value, str)
    elif kind == "datetime":
        fits = split_moment(value) is not None or bool(forms("date", value))
    else:
        fits = bool(forms(kind, value))
    return "" if fits else f"it is no {kind}"
