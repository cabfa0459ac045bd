"""Sampling: greedy, seeded, held to a grammar, and to its end."""

import json

import pytest
from model_requests import chat

from lictor.runtime.inference.errors import BackendFailed, BadRequest
from lictor.runtime.inference.grammar import schema_grammar
from lictor.runtime.inference.llama.context import LlamaContext
from lictor.runtime.inference.llama.model import LlamaModel
from lictor.runtime.inference.llama.sampler import Sampler
from lictor.runtime.inference.request import ChatRequest
from lictor.runtime.inference.schedule import Row

pytestmark = pytest.mark.slow


def generate(
    model: LlamaModel,
    context: LlamaContext,
    request: ChatRequest,
    *,
    grammar: str = "",
    most: int = 12,
    close: int = 99,
) -> str:
    """Return what is sampled after a prompt; from token `close` on, the shortest way to the end."""
    tokens = model.tokenize("Once upon a time there was")
    context.clear(0)
    context.decode([Row(token, place, 0, sampled=place == len(tokens) - 1) for place, token in enumerate(tokens)])
    sampler, place, out = Sampler(model, request, grammar), len(tokens) - 1, b""
    for count in range(most):
        token = sampler.sample(context, place, closing=count >= close)
        if model.ends(token):
            break
        out += model.piece(token)
        context.decode([Row(token, len(tokens) + count, 0, sampled=True)])
        place = 0
    sampler.close()
    sampler.close()
    return out.decode()


def test_a_seed_gives_the_same_again_and_another_something_else(smollm2: LlamaModel, context: LlamaContext) -> None:
    said = [generate(smollm2, context, chat(seed=seed, temperature=1.2)) for seed in (1, 1, 2)]
    assert said[0] == said[1]
    assert said[0] != said[2]


def test_no_temperature_is_greedy(smollm2: LlamaModel, context: LlamaContext) -> None:
    said = {generate(smollm2, context, chat(seed=seed, temperature=0)) for seed in (1, 2)}
    assert len(said) == 1


def test_one_candidate_is_greedy_too(smollm2: LlamaModel, context: LlamaContext) -> None:
    greedy = generate(smollm2, context, chat(temperature=0))
    for narrow in ({"top_k": 1}, {"top_p": 0.0}, {"min_p": 1.0}):
        assert generate(smollm2, context, chat(temperature=1, seed=3, **narrow)) == greedy


def test_a_grammar_holds(smollm2: LlamaModel, context: LlamaContext) -> None:
    assert generate(smollm2, context, chat(temperature=1, seed=4), grammar='root ::= "yes" | "no"') in ("yes", "no")


def test_closing_ends_a_text_soon(smollm2: LlamaModel, context: LlamaContext) -> None:
    schema = {"properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {}}}, "required": ["a", "b"]}
    for seed in range(5):
        request = chat(temperature=1.5, seed=seed)
        said = generate(smollm2, context, request, grammar=schema_grammar(schema), most=40, close=9)
        assert json.loads(said).keys() == {"a", "b"}


def test_a_penalty_changes_what_is_said(smollm2: LlamaModel, context: LlamaContext) -> None:
    plain = generate(smollm2, context, chat(temperature=0), most=40)
    assert generate(smollm2, context, chat(temperature=0, repeat_penalty=1.8), most=40) != plain


@pytest.mark.parametrize("grammar", ["nothing", "root ::= other", "root ::= root | root"])
def test_a_grammar_that_cannot_be_used_is_refused(smollm2: LlamaModel, grammar: str) -> None:
    with pytest.raises(BadRequest, match="grammar cannot be used"):
        Sampler(smollm2, chat(), grammar)


def test_a_grammar_that_nothing_fits_is_an_error(smollm2: LlamaModel, context: LlamaContext) -> None:
    with pytest.raises(BackendFailed, match="fits the grammar"):
        generate(smollm2, context, chat(temperature=0), grammar="root ::= [\\x01] [^\\x00-\\U0010FFFF]", most=4)
