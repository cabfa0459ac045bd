"""Answers in the words of the passages: what a small model can do well. Pure; the model chooses, a grammar holds it.

A model of 135 million parameters bends the facts when it writes freely, and cannot when every answer that it may give
is a sentence, or a few, of what was found.
"""

import json
from collections.abc import Sequence
from itertools import permutations
from typing import Any, Final

from lictor.protocols.a2a.reading import Citation
from lictor.runtime.agent.answer import SHAPE, Shape, focused, sentences_in
from lictor.runtime.agent.output import held_to

MOST_QUOTES: Final = 40
"""Answers that a model may choose from: each is a branch of the grammar."""

_PROMPT: Final = "Answer in one or two sentences, using only the passage."


def quotes(question: str, passages: Sequence[Citation], together: int = 2, shape: Shape = SHAPE) -> tuple[str, ...]:
    """Return every answer of `together` sentences, in any order, that the best passages can give.

    Any order, because a model that writes word by word says the best one first. Fewer sentences than that make one
    answer; none make none.
    """
    sentences = [part for passage in focused(question, passages, shape) for part in sentences_in(passage.quote)]
    if len(sentences) <= together:
        return (" ".join(sentences),) if sentences else ()
    found = dict.fromkeys(" ".join(chosen) for chosen in permutations(sentences, together))
    return tuple(found)[:MOST_QUOTES]


def quoting_messages(
    prompt: str, question: str, passages: Sequence[Citation], shape: Shape = SHAPE
) -> list[dict[str, str]]:
    """Return the messages by which a model is asked for the words that answer."""
    text = " ".join(part for passage in focused(question, passages, shape) for part in sentences_in(passage.quote))
    asked = f"{text}\n\nQuestion: {question}"
    return [{"role": "system", "content": prompt or _PROMPT}, {"role": "user", "content": asked}]


def held_to_quotes(choices: Sequence[str]) -> dict[str, Any]:
    """Return the `response_format` that lets a model say one of `choices` and nothing else."""
    properties = {"answer": {"type": "string", "enum": list(choices)}}
    schema = {"type": "object", "properties": properties, "required": ["answer"], "additionalProperties": False}
    return held_to(schema, "quote")


def read_quote(text: str, choices: Sequence[str]) -> str:
    """Read the chosen quote; the first one stands when a backend without constrained decoding wrote another thing."""
    try:
        said = json.loads(text)["answer"]
    except (json.JSONDecodeError, KeyError, TypeError, RecursionError):
        return choices[0]
    return said if said in choices else choices[0]
