"""The pipeline: an ordered list of layers, the strictest verdict holds, and any failure is a denial."""

from collections.abc import Sequence
from time import perf_counter_ns
from typing import Final

from lictor.guardrails.layer import Circumstances, Layer
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope

_DENY: Final = Outcome.DENY


def judge(layers: Sequence[Layer], envelope: Envelope, circumstances: Circumstances) -> Judgement:
    """Ask the layers in order until one denies; a layer that raises has denied.

    Layers after a denial are not asked: they have no verdict. An empty list denies.
    """
    verdicts: list[Verdict] = []
    costs: list[float] = []
    deciding: Verdict | None = None
    started = perf_counter_ns()
    for layer in layers:
        try:
            verdict = layer.judge(envelope, circumstances)
            outcome = verdict.outcome
        except Exception as error:
            outcome = _DENY
            verdict = Verdict(
                layer.name, outcome, f"{layer.name}.failed", f"the layer failed: {type(error).__name__}: {error}"
            )
        ended = perf_counter_ns()
        costs.append((ended - started) / 1000)
        started = ended
        verdicts.append(verdict)
        if deciding is None or outcome > deciding.outcome:
            deciding = verdict
        if outcome >= _DENY:
            break
    if deciding is None:
        deciding = Verdict("pipeline", _DENY, "pipeline.empty", "there is no layer, so nothing may pass")
        verdicts.append(deciding)
        costs.append(0.0)
    return Judgement(deciding.outcome, tuple(verdicts), deciding, tuple(costs))
