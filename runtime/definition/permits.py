"""Reads the `permit:` of an agent's tool: globs on names, and calls with conditions on their arguments."""

import re
from typing import Final

from lictor.runtime.definition.call_rules import has_arguments, parse_call
from lictor.runtime.definition.constraints import CallRule
from lictor.runtime.definition.entries import PermitSpec
from lictor.runtime.definition.plan import Permit
from lictor.runtime.definition.problem import Problem, Severity
from lictor.runtime.definition.spec import AgentSpec
from lictor.runtime.definition.team import Entry

_PLAIN_GLOB: Final = re.compile(r"[\w*.:/-]+", re.ASCII)
_HOW: Final = "use *, ?, [a-z] and {one,other}, and \\ before a sign"


def read_permit(
    spec: PermitSpec | None, agent: Entry[AgentSpec], at: tuple[str | int, ...]
) -> tuple[Permit, list[Problem]]:
    """Return the permit that stands at `at` of an agent, and what is wrong with it."""
    problems: list[Problem] = []
    if spec is None:
        return Permit(), problems
    names: dict[str, list[str]] = {"allow": [], "ask": [], "deny": []}
    calls: list[CallRule] = []
    for key, globs in names.items():
        for index, text in enumerate(getattr(spec, key)):
            span = agent.span(*at, key, index)
            glob = text
            if has_arguments(text):
                try:
                    calls.append(parse_call(key, text, span.file, span.line))
                except ValueError as error:
                    problems.append(Problem("L117", str(error), span))
                    continue
                glob = calls[-1].tool
            if not is_glob(glob):
                problems.append(Problem("L117", f"'{glob}' is not a glob", span, _HOW))
            elif glob is text:
                globs.append(glob)
    if not spec.allow and not spec.ask:
        message = "this permit allows nothing, so the agent may call no tool of this server"
        span = agent.span(*at, key=True)
        problems.append(Problem("L306", message, span, "add allow: [name, …]", Severity.WARNING))
    allow, ask, deny = (tuple(dict.fromkeys(globs)) for globs in names.values())
    return Permit(allow, ask, deny, tuple(calls)), problems


def is_glob(pattern: str) -> bool:
    """Tell whether every policy engine reads this glob alike."""
    if _PLAIN_GLOB.fullmatch(pattern) and "**" not in pattern:
        return True
    from lictor.guardrails.policy.embedded_rego import check_glob  # noqa: PLC0415 -- loads the engine
    from lictor.guardrails.policy.engine import PolicyError  # noqa: PLC0415

    try:
        check_glob(pattern)
    except PolicyError:
        return False
    return True
