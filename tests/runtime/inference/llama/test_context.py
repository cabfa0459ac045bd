"""Sequences that share cells compute what a sequence of its own would."""

import numpy as np
import pytest

from lictor.runtime.inference.errors import BackendFailed
from lictor.runtime.inference.llama.context import LlamaContext
from lictor.runtime.inference.llama.model import LlamaModel
from lictor.runtime.inference.schedule import Row

pytestmark = pytest.mark.slow


def compute(context: LlamaContext, model: LlamaModel, slot: int, tokens: list[int], begin: int = 0) -> "np.ndarray":
    """Compute tokens and return the output of the last."""
    rows = [Row(token, begin + place, slot, sampled=place == len(tokens) - 1) for place, token in enumerate(tokens)]
    context.decode(rows)
    return np.ctypeslib.as_array(context.logits(len(rows) - 1), (model.size,)).copy()


def test_a_prefix_taken_over_gives_the_same_output(smollm2: LlamaModel, context: LlamaContext) -> None:
    tokens = smollm2.tokenize("The capital of France is the city of")
    whole = compute(context, smollm2, 0, tokens)
    assert context.take_over(1, 0, 5) == 5
    shared = compute(context, smollm2, 1, tokens[5:], 5)
    assert np.allclose(whole, shared, atol=0.2)
    assert whole.argmax() == shared.argmax()


def test_a_sequence_gives_its_tail_back(smollm2: LlamaModel, context: LlamaContext) -> None:
    tokens = smollm2.tokenize("one two three four")
    before = compute(context, smollm2, 0, tokens)
    assert context.take_over(0, 0, 2) == 2
    again = compute(context, smollm2, 0, tokens[2:], 2)
    assert before.argmax() == again.argmax()


def test_sequences_do_not_see_each_other(smollm2: LlamaModel, context: LlamaContext) -> None:
    tokens = smollm2.tokenize("The sky is very")
    alone = compute(context, smollm2, 0, tokens)
    compute(context, smollm2, 1, smollm2.tokenize("Numbers: 1 2 3 4 5 6 7"))
    context.clear(0)
    beside = compute(context, smollm2, 0, tokens)
    assert alone.argmax() == beside.argmax()
    assert np.allclose(alone, beside, atol=0.2)


def test_what_a_sequence_does_not_hold_is_not_taken_over(context: LlamaContext) -> None:
    assert context.take_over(1, 0, 3) == 0


def test_a_batch_that_cannot_be_computed_is_an_error(context: LlamaContext) -> None:
    with pytest.raises(BackendFailed, match="1 tokens"):
        context.decode([Row(10**7, 0, 0, sampled=True)])


def test_an_output_that_was_not_asked_for_is_an_error(smollm2: LlamaModel, context: LlamaContext) -> None:
    context.decode([Row(5, 0, 0, sampled=False), Row(6, 1, 0, sampled=True)])
    with pytest.raises(BackendFailed, match="no output"):
        context.logits(0)
