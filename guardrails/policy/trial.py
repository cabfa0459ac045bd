"""The trial of a bundle before it decides: no question may take longer than its budget, and what takes it is named.

Evaluation cannot be interrupted in the embedded engine, so a rule that is slow must not get that far. As a program it
reads a bundle from its input and prints what is wrong with it, so that who starts it can end it.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from lictor.guardrails.policy.bundle import Bundle, Module
from lictor.guardrails.policy.embedded_rego import EmbeddedRego, parse
from lictor.guardrails.policy.encoding import MOST_VALUES
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.fields import WHOLE, read_fields
from lictor.guardrails.policy.stages import STAGES

BUDGET: Final = 0.03
"""Seconds of the processor for an everyday question; usual bundles take a twentieth."""
LARGE_BUDGET: Final = 0.25
"""Seconds of the processor for the largest question that may be asked."""
_TRIES: Final = 3
_HOPELESS: Final = 4
"""What takes so many times its budget is not tried again."""
_LONG: Final = 300_000
_FEW_VALUES: Final = 150
_MORE_VALUES: Final = 1_200

_FEW: Final[dict[str, Any]] = {
    "sender": "sender",
    "target": "target",
    "kind": "mcp",
    "request_kind": "",
    "method": "tools/call",
    "tool": "tool",
    "model": "",
    "read_only": False,
    "size": 1000,
    "conduct": 1.0,
    "now": {"minute": 600, "weekday": 2},
    "usage": {"messages": 1, "tool_calls": 1, "tokens": 100},
    "labels": {"level": "internal", "untrusted": True, "tags": ["a"], "sources": ["b"]},
    "effect": True,
    "contract": {"state": "none", "code": "", "reason": "", "file": "", "line": 0},
}
_AT_STAGE: Final[dict[str, dict[str, Any]]] = {
    "content": {"findings": {f"guard/kind-{number}": 0.5 for number in range(40)}},
    "behaviour": {"signals": {f"signal-{number}": 3 for number in range(40)}},
}


def samples(stage: str, names: frozenset[str] | None) -> list[tuple[dict[str, Any], float]]:
    """Return questions of one stage, each with the seconds that it may take.

    `names` are the arguments that rules read; None when they read none: then nothing large is asked.
    """
    plain = {**_FEW, "arguments": {}, **_AT_STAGE.get(stage, {})}
    if names is None:
        return [(plain, BUDGET)]
    found = [(plain, BUDGET), ({**plain, "arguments": dict.fromkeys(sorted(names), "text")}, BUDGET)]
    for count, seconds in ((_FEW_VALUES, BUDGET), (_MORE_VALUES, 2 * BUDGET), (MOST_VALUES, LARGE_BUDGET)):
        shapes = _shapes(count // (4 * max(1, len(names))))
        given = [{**plain, "arguments": dict.fromkeys(sorted(names) or ["argument"], shape)} for shape in shapes]
        found += [(document, seconds) for document in given]
    return found


def _shapes(count: int) -> list[Any]:
    words = [f"word {number}" for number in range(max(1, count))]
    return [
        "a" * (len(words) * _LONG // MOST_VALUES),
        words,
        list(range(len(words))),
        {word: number for number, word in enumerate(words)},
        [{"key": word, "value": number} for number, word in enumerate(words)],
    ]


def try_out(bundle: Bundle, patience: float = 1.0, clock: Callable[[], float] = time.thread_time) -> EmbeddedRego:
    """Compile a bundle and ask it the samples; raises PolicyError for one that may not be used, or is too slow.

    A question that fails is no objection: then it denies. Each is tried again before its time counts; the budgets are
    multiplied by `patience`.
    """
    engine = EmbeddedRego(bundle)
    names = _arguments_read(bundle)
    for stage in STAGES:
        reads_arguments = any(path[:1] in {WHOLE, ("arguments",)} for path in engine.fields[stage])
        for document, seconds in samples(stage, names if reads_arguments else None):
            budget = seconds * patience
            took = _time(engine, stage, document, clock)
            for _ in range(_TRIES - 1):
                if budget < took < _HOPELESS * budget:
                    took = min(took, _time(engine, stage, document, clock))
            if took > budget:
                raise PolicyError(
                    f"{_slowest(bundle, engine, stage, document, clock)} takes too long: {took * 1000:.0f} ms for one "
                    f"question, and {budget * 1000:.0f} ms are allowed; look for loops within loops"
                )
    return engine


def _arguments_read(bundle: Bundle) -> frozenset[str]:
    """Return the names of arguments that the modules read, each by itself: together a shorter path hides them."""
    paths = [path for tree in parse(bundle.modules).values() for path in read_fields([tree])]
    return frozenset(path[1] for path in paths if path[:1] == ("arguments",) and len(path) > 1)


def _time(engine: EmbeddedRego, stage: str, document: dict[str, Any], clock: Callable[[], float]) -> float:
    began = clock()
    with suppress(PolicyError):
        engine.decide(stage, document)
    return clock() - began


def _slowest(
    bundle: Bundle, engine: EmbeddedRego, stage: str, document: dict[str, Any], clock: Callable[[], float]
) -> str:
    """Return where the user's module is without which the question is fastest; the stage when there is none."""
    users = [module for module in bundle.modules if module.user]
    times: dict[str, float] = {}
    for left_out in users:
        rest = Bundle(tuple(module for module in bundle.modules if module != left_out), bundle.data, bundle.revision)
        try:
            times[left_out.path] = _time(EmbeddedRego(rest), stage, document, clock)
        except PolicyError:
            continue
    if not times:
        return f"stage {stage} of the built-in rules"
    path = min(times, key=lambda each: times[each])
    places = sorted(line for rule, (file, line) in engine.places.items() if file == path)
    return f"{path}:{places[0] if places else 1}: this policy"


def main() -> None:
    """Read `{modules, data, revision}` from the input, print `{error}`: empty when the bundle may decide."""
    given = json.load(sys.stdin)
    modules = tuple(Module(each["path"], each["text"], user=each["user"]) for each in given["modules"])
    try:
        try_out(Bundle(modules, given["data"], given["revision"]), given["patience"])
    except PolicyError as error:
        sys.stdout.write(json.dumps({"error": str(error)}))
    else:
        sys.stdout.write(json.dumps({"error": ""}))


if __name__ == "__main__":
    main()
