"""Both engines side by side: the same bundle, the same inputs, and what differs in their answers.

Run as a program it prints `{"inputs": …, "differences": …}` as its last line.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import policy_inputs
from hypothesis import HealthCheck, Phase, given, settings
from opa_process import require_opa, serve_opa

from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import Decision, PolicyEngine, PolicyError
from lictor.guardrails.policy.opa_address import OpaAddress
from lictor.guardrails.policy.opa_server import OpaServer
from lictor.runtime.cli.opa import run_opa
from lictor.runtime.cli.rules import built_in_modules, run_tests

INPUTS: Final = 2500
_PATIENT: Final = 5.0


def answer(engine: PolicyEngine, stage: str, document: dict[str, Any]) -> Decision | str:
    """Return the decision, or a word for there being none: which engine says why in which words is its own affair."""
    try:
        return engine.decide(stage, document)
    except PolicyError as error:
        if "OPA server" in str(error):  # then it is the connection that failed, and nothing was compared
            raise
        return "no decision"


def _denies(said: Decision | str) -> bool:
    return not isinstance(said, Decision) or not said.allow


def compare(
    embedded: PolicyEngine, server: PolicyEngine, inputs: int, note: Callable[[str, dict[str, Any]], None]
) -> tuple[int, int]:
    """Ask both engines generated questions; returns how many, and how many answers were decisions of both.

    A fifth of the questions have fields of types that the enforcer never gives them: there an engine may fail where the
    other, which skips what cannot hold, only denies; to allow, both have to.
    """
    asked, decided = 0, 0

    @settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(stage=policy_inputs.stages, question=policy_inputs.documents)
    def ask(stage: str, question: tuple[bool, dict[str, Any]]) -> None:
        nonlocal asked, decided
        asked += 1
        spoilt, document = question
        first, second = answer(embedded, stage, document), answer(server, stage, document)
        decided += isinstance(first, Decision) and isinstance(second, Decision)
        if first != second and not (spoilt and _denies(first) and _denies(second)):
            note(f"{stage}: embedded {first}, OPA {second}", document)

    ask()
    return asked, decided


def compare_rule_tests() -> tuple[int, list[str]]:
    """Run every test of the built-in rules by both; returns how many there are, and those that do not pass in both."""
    program = require_opa()
    ours = {result.name: result.passed for result in run_tests(built_in_modules(tests=True))}
    folder = Path(__file__).resolve().parents[2] / "policies"
    told = run_opa(program, ["test", "--format", "json", str(folder)])
    theirs = {
        f"{each['package'].removeprefix('data.')}.{each['name']}": not each.get("fail", False)
        for each in json.loads(told.stdout)
    }
    failed = sorted(name for name in ours.keys() | theirs.keys() if not (ours.get(name) and theirs.get(name)))
    return len(ours), failed


def main() -> int:
    """Compare and print."""
    differences = 0

    def note(what: str, document: dict[str, Any]) -> None:
        nonlocal differences
        differences += 1
        sys.stderr.write(f"{what}\n  {json.dumps(document)}\n")

    with tempfile.TemporaryDirectory() as folder, serve_opa() as url:
        bundle = policy_inputs.make_bundle(Path(folder))
        embedded, server = EmbeddedRego(bundle), OpaServer(bundle, OpaAddress(url, timeout=_PATIENT))
        inputs, decided = compare(embedded, server, int(sys.argv[1]) if len(sys.argv) > 1 else INPUTS, note)
        server.close()
    tests, failed = compare_rule_tests()
    for name in failed:
        sys.stderr.write(f"{name} does not pass in both engines\n")
    sys.stdout.write(f"{inputs} generated inputs ({decided} with a decision), {tests} rule tests\n")
    sys.stdout.write(json.dumps({"inputs": inputs + tests, "differences": differences + len(failed)}) + "\n")
    return 1 if differences or failed else 0


if __name__ == "__main__":
    sys.exit(main())
