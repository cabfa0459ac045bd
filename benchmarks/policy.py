"""What one decision of the policy costs, by the embedded engine and by an OPA server beside it.

    python benchmarks/policy.py               as many decisions as it takes for steady figures
    python benchmarks/policy.py --rounds 300  fewer

The bundle is the built-in one with the data of a team of four. Its last line is {"load_ms": …, "embedded": {QUESTION:
{"p50_us", "p99_us"}}, "opa": {…} or null}: null where no opa is installed (`make opa`).
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from opa_process import serve_opa
from policy_inputs import make_team

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyEngine
from lictor.guardrails.policy.opa_address import OpaAddress
from lictor.guardrails.policy.opa_server import OpaServer
from lictor.runtime.cli.opa import find_opa

LABELS: Final = {"level": "internal", "untrusted": False, "tags": [], "sources": ["op-cli"]}
COMMON: Final[dict[str, Any]] = {
    "request_kind": "",
    "method": "",
    "tool": "",
    "model": "",
    "read_only": False,
    "arguments": {},
    "size": 1024,
    "conduct": 1.0,
    "now": {"minute": 600, "weekday": 2},
    "usage": {"messages": 3, "tool_calls": 1, "tokens": 1000},
    "labels": LABELS,
    "effect": False,
    "contract": {"state": "none", "code": "", "reason": "", "file": "", "line": 0},
}
MESSAGE: Final = {**COMMON, "sender": "triage", "target": "writer", "kind": "a2a", "method": "SendMessage"}
CALL: Final = {**COMMON, "sender": "clerk", "target": "tool-crm", "kind": "mcp", "method": "tools/call"}
QUESTIONS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "route_message": ("route", MESSAGE),
    "route_call": ("route", {**CALL, "tool": "crm_find_ticket", "read_only": True}),
    "route_denied": ("route", {**MESSAGE, "sender": "writer", "target": "triage"}),
    "flow_call": ("flow", {**CALL, "tool": "crm_find_ticket"}),
    "content": ("content", {**MESSAGE, "findings": {"pii/email": 1.0}}),
    "behaviour": ("behaviour", {**MESSAGE, "signals": {"repeated_call": 2}}),
}


def measure(engine: PolicyEngine, rounds: int) -> dict[str, dict[str, float]]:
    """Return the microseconds of each question."""
    found = {}
    for name, (stage, document) in QUESTIONS.items():
        engine.decide(stage, document)
        times = []
        for _ in range(rounds):
            began = time.perf_counter_ns()
            engine.decide(stage, document)
            times.append((time.perf_counter_ns() - began) / 1000)
        cuts = statistics.quantiles(times, n=100)
        found[name] = {"p50_us": round(cuts[49], 1), "p99_us": round(cuts[98], 1)}
        sys.stdout.write(f"{type(engine).__name__:14} {name:14} p50 {cuts[49]:8.1f} µs  p99 {cuts[98]:8.1f} µs\n")
    return found


def main() -> None:
    """Measure both and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2000)
    rounds = parser.parse_args().rounds
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bundle = load_bundle(make_team(folder))
        began = time.thread_time()
        embedded = EmbeddedRego(bundle)
        told: dict[str, Any] = {"load_ms": round(1000 * (time.thread_time() - began), 1)}
        told["embedded"] = measure(embedded, rounds)
        told["opa"] = None
        if find_opa() is not None:
            began = time.perf_counter()
            server = OpaServer(bundle, OpaAddress(stack.enter_context(serve_opa()), timeout=5))
            told["push_ms"] = round(1000 * (time.perf_counter() - began), 1)
            told["opa"] = measure(server, rounds)
            server.close()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
