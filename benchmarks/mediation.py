"""CPU cost of the enforcer's core: one message through all layers and into its record entry, without the bus.

python benchmarks/mediation.py            µs per message, both directions of a request, decisions cached
python benchmarks/mediation.py --profile  where they go
"""

import argparse
import cProfile
import pstats
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from lictor.protocols.envelope import Packet
from lictor.protocols.headers import write_headers
from lictor.protocols.identifiers import new_id
from lictor.runtime.definition.plan import AgentPlan, Budget, Place, Plan, Supervise
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.mediation import Mediation

_HEADER = "Lictor-Message"
_PLENTY = 10**9


def two_agents() -> Plan:
    """Return a team of two, the first of which may message the second, without limits that a benchmark would meet."""

    def agent(name: str, delegates: tuple[str, ...], line: int) -> AgentPlan:
        budget = Budget(tokens=_PLENTY, time=_PLENTY, messages=_PLENTY, tool_calls=_PLENTY)
        return AgentPlan(
            name=name,
            description="",
            prompt="",
            graph="",
            route="model",
            models=(),
            delegates=delegates,
            tools=(),
            expose=(),
            output=None,
            budget=budget,
            supervise=Supervise(),
            timeout=60.0,
            retries=0,
            folder=Path(),
            place=Place("team.yaml", line),
        )

    prompted: dict[str, Any] = {"isolated": True, "clearance": "internal", "emits": []}
    data = {
        "principals": {name: {"role": "agent", "file": "team.yaml", "line": 1} for name in ("caller", "answerer")},
        "edges": {"caller": {"answerer": {"kind": "a2a", "file": "team.yaml", "line": 1}}},
        "agents": {
            "caller": {"delegates": ["answerer"], "delegates_line": 1, "file": "team.yaml", "line": 1} | prompted,
            "answerer": {"delegates": [], "delegates_line": 0, "file": "team.yaml", "line": 2} | prompted,
        },
        "permits": {},
        "exposed": [],
        "features": [],
        "tools": {},
        "models": {},
        # Two agents that say the same to each other thousands of times a second are what these guards are to stop:
        # they look at every message, and let it pass.
        "guards": {name: {"mode": "warn"} for name in ("repetition", "loops", "ping_pong", "bursts")},
    }
    return Plan(
        file=Path("team.yaml"),
        folder=Path(),
        nats="embedded",
        nats_credentials=None,
        store="sqlite://",
        agents=(agent("caller", ("answerer",), 1), agent("answerer", (), 2)),
        tools=(),
        models=(),
        policies=(),
        policy_data=data,
        rate=(_PLENTY, 1.0),
    )


def body_of(size: int) -> bytes:
    """Return an A2A request of `size` bytes."""
    message = b'{"messageId":"1","role":"ROLE_USER","parts":[{"text":"%s"}]}'
    frame = b'{"jsonrpc":"2.0","id":"1","method":"SendMessage","params":{"message":' + message + b"}}"
    return frame % (b"x" * (size - len(frame) + 2))


def join(mediation: Mediation, task: str) -> None:
    """Bring the caller into a task, as an operator's message does."""
    block = write_headers({_HEADER: new_id(), "Lictor-Task": task})
    mediation.receive(Packet("lictor.out.op-bench.a2a.caller", body_of(1024), block))


def measure(rounds: int, batch: int, size: int = 1024) -> float:
    """Return µs of CPU per message, of which half are requests and half answers."""
    mediation, task = build_mediation(two_agents()), new_id()
    mediation.restore(())
    join(mediation, task)
    body, costs = body_of(size), []
    for _ in range(rounds):
        requests = [
            Packet(
                "lictor.out.caller.a2a.answerer",
                body,
                write_headers({_HEADER: new_id(), "Lictor-Task": task, "Content-Type": "application/json"}),
                f"_INBOX_caller.b.{number}",
            )
            for number in range(batch)
        ]
        began = process_time()
        out = mediation.receive_all(requests)
        spent = process_time() - began
        _acknowledge(mediation, out)
        answers = [
            Packet(packet.reply, body, write_headers({_HEADER: new_id(), "Content-Type": "application/json"}))
            for packet in out
            if packet.reply.startswith("lictor.out.")
        ]
        began = process_time()
        delivered = mediation.receive_all(answers)
        spent += process_time() - began
        if len([packet for packet in delivered if packet.body == body]) != batch:
            raise SystemExit("the mediation refused what it should pass")
        _acknowledge(mediation, delivered)
        costs.append(spent * 1e6 / (2 * batch))
    return median(costs)


_acknowledged = iter(range(1, _PLENTY))


def _acknowledge(mediation: Mediation, out: list[Packet]) -> None:
    batches = [packet for packet in out if packet.subject.startswith("lictor.record.")]
    mediation.acknowledge([Packet("", str(next(_acknowledged)).encode()) for _ in batches])


def main() -> None:
    """Print the cost with one and with many messages in a read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    if options.profile:
        with cProfile.Profile() as profile:
            measure(200, 64)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
        return
    global _acknowledged  # noqa: PLW0603 -- sequence numbers begin anew with each mediation
    for batch in (1, 16, 64):
        _acknowledged = iter(range(1, _PLENTY))
        print(f"{batch:3} in one read: {measure(max(30, 6000 // batch), batch):6.1f} µs a message")


if __name__ == "__main__":
    main()
