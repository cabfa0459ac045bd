from small_bundle import small_bundle

from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot


def test_swapping_counts_and_gives_back_the_engine_before() -> None:
    first, second = EmbeddedRego(small_bundle()), EmbeddedRego(small_bundle(team={"x": 1}))
    slot = PolicySlot(first, Question(ToolCatalog(), TaskLedger()))
    assert (slot.engine, slot.generation) == (first, 0)
    assert slot.swap(second) is first
    assert (slot.engine, slot.generation) == (second, 1)
