"""What the model is shown and what its answer cites: pure text work, tuned in `Shape` alone."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lictor.protocols.a2a.reading import Citation
from lictor.runtime.agent.steps import Choice, Outcome, Step


@dataclass(frozen=True, slots=True)
class Shape:
    """How much a model is shown: a small model answers from little, said first, with the question last."""

    passages: int = 2
    """Passages shown, the best first found."""
    characters: int = 700
    """Characters of all passages together."""
    said: int = 600
    """Characters of what another agent or a tool said."""
    citations: int = 3
    """Most citations of an answer."""
    quote: int = 1500
    """Characters of a passage that travel with a citation."""


SHAPE: Final = Shape()

_WORD: Final = re.compile(r"[a-z]{3,}|\d+")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[\"'(A-Z0-9])|\n+")
# fmt: off
_COMMON: Final = frozenset({
    "the", "and", "for", "are", "was", "were", "you", "your", "with", "that", "this", "from", "not", "but", "can",
    "will", "has", "have", "its", "into", "than", "then", "they", "them", "what", "when", "which", "who", "how",
    "does", "may", "must", "all", "any", "each", "one", "why", "where", "did", "should", "would", "could", "there",
    "their", "our", "long", "much", "many", "get", "got", "use", "used",
})
# fmt: on


def passages_of(structured: Mapping[str, Any]) -> tuple[Citation, ...]:
    """Return the passages of a tool result as citations: `{"passages": [{"file", "heading", "text", "quote"}]}`.

    A search that says which sentences of a passage are nearest to the question, its `quote`, is believed.
    """
    passages = structured.get("passages")
    if not isinstance(passages, list):
        return ()
    return tuple(
        Citation(str(each["file"]), str(each.get("heading") or ""), str(each.get("quote") or each.get("text") or ""))
        for each in passages
        if isinstance(each, Mapping) and each.get("file")
    )


def merged(passages: Iterable[Citation]) -> tuple[Citation, ...]:
    """Return the distinct passages in the order in which they were met; one with a quote replaces one without."""
    found: dict[tuple[str, str], Citation] = {}
    for passage in passages:
        key = (passage.file, passage.heading)
        if key not in found or (passage.quote and not found[key].quote):
            found[key] = passage
    return tuple(found.values())


def gathered(steps: Iterable[Step], given: Sequence[Citation] = ()) -> tuple[Citation, ...]:
    """Return the distinct passages that an agent was given or found, in the order in which it met them."""
    return merged((*given, *(citation for step in steps for citation in step.citations)))


def cited(answer: str, passages: Sequence[Citation], shape: Shape = SHAPE) -> tuple[Citation, ...]:
    """Return the passages that support an answer, best first.

    The first passage found always counts; of the others, those that share at least half as many of their words with
    the answer as the best one does.
    """
    if not passages:
        return ()
    words = _words(answer)
    shares = [len(words & _words(f"{passage.heading} {passage.quote}")) for passage in passages]
    bar = max(max(shares) / 2, 1)
    others = sorted((i for i in range(1, len(passages)) if shares[i] >= bar), key=lambda i: (-shares[i], i))
    return best([passages[i] for i in (0, *others)], shape)


def best(passages: Sequence[Citation], shape: Shape = SHAPE) -> tuple[Citation, ...]:
    """Return as many passages as an answer may cite, each no longer than a citation may be."""
    return tuple(Citation(each.file, each.heading, each.quote[: shape.quote]) for each in passages[: shape.citations])


def focused(question: str, passages: Sequence[Citation], shape: Shape = SHAPE) -> tuple[Citation, ...]:
    """Return the best passages, cut down to the sentences that are nearest to the question.

    Rare words of the question count more than common ones; of equal sentences the earlier passage's is kept, because
    the search has ranked them. A sentence brings the one after it along, where an answer often stands.
    """
    shown = [passage for passage in passages if passage.quote][: shape.passages]
    split = [sentences_in(passage.quote) for passage in shown]
    words = [[_words(part) for part in parts] for parts in split]
    weights = _weights(_words(question), [each for parts in words for each in parts])
    ranked = []
    for number, (passage, parts) in enumerate(zip(shown, split, strict=True)):
        heading = sum(weights.get(word, 0.0) for word in _words(passage.heading)) / 2
        for place in range(len(parts)):
            own = sum(weights.get(word, 0.0) for word in words[number][place])
            before = sum(weights.get(word, 0.0) for word in words[number][place - 1]) if place else 0.0
            ranked.append((-(own + before / 2 + heading), number, place))
    kept: set[tuple[int, int]] = set()
    left = shape.characters
    for _, number, place in sorted(ranked):
        size = len(split[number][place])
        if size <= left or not kept:
            kept.add((number, place))
            left -= size
    return tuple(
        Citation(passage.file, passage.heading, text)
        for number, passage in enumerate(shown)
        if (text := "\n".join(part for place, part in enumerate(split[number]) if (number, place) in kept))
    )


def sentences_in(text: str) -> tuple[str, ...]:
    """Return the sentences and lines of a text."""
    return tuple(part.strip() for part in _SENTENCE.split(text) if part.strip())


def planning_messages(
    prompt: str, question: str, choices: Sequence[Choice], steps: Sequence[Step], given: Sequence[Citation] = ()
) -> list[dict[str, str]]:
    """Return the messages by which a model is asked for its next action.

    The words hold a small model back. SmolLM2-135M takes a tool in 3 of 10 cases that need one; with "choose the tool
    that helps" it took one in 7, but placed an order when it was greeted.
    """
    listed = "\n".join(f"- {choice.name}: {choice.description or choice.kind}" for choice in choices)
    asked = f"Choose the next action:\n{listed}\n- answer: answer the question now"
    return _messages(prompt, _known(question, steps, given), f"Question: {question}", asked)


def argument_messages(
    prompt: str, question: str, choice: Choice, steps: Sequence[Step], given: Sequence[Citation] = ()
) -> list[dict[str, str]]:
    """Return the messages by which a model is asked for a tool's arguments."""
    asked = f"Write the arguments for {choice.name} ({choice.description})."
    return _messages(prompt, _known(question, steps, given), f"Question: {question}", asked)


def answer_messages(
    prompt: str, question: str, steps: Sequence[Step], given: Sequence[Citation] = (), shape: Shape = SHAPE
) -> list[dict[str, str]]:
    """Return the messages by which a model is asked for the answer: what is known first, the question last."""
    known = _known(question, steps, given, shape)
    return _messages(prompt, known, f"Question: {question}" if known else question)


def _messages(prompt: str, *parts: str) -> list[dict[str, str]]:
    user = {"role": "user", "content": "\n\n".join(part for part in parts if part)}
    return [{"role": "system", "content": prompt}, user] if prompt else [user]


def _known(question: str, steps: Sequence[Step], given: Sequence[Citation], shape: Shape = SHAPE) -> str:
    passages = focused(question, gathered(steps, given), shape)
    parts = [f"{passage.heading}:\n{passage.quote}" if passage.heading else passage.quote for passage in passages]
    parts.extend(_told(step, shape) for step in steps if step.outcome is not Outcome.DONE or not step.citations)
    return "\n\n".join(part for part in parts if part)


def _told(step: Step, shape: Shape) -> str:
    said = step.observation[: shape.said]
    return f"{step.action.choice.name} says: {said}" if said and step.outcome is Outcome.DONE else said


def _weights(asked: set[str], sentences: Sequence[set[str]]) -> dict[str, float]:
    return {word: 1.0 / (1 + sum(word in sentence for sentence in sentences)) for word in asked}


def _words(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.lower()) if word not in _COMMON}


def _stem(word: str) -> str:
    """Cut a word so that its forms meet: plurals, and long words by their first six letters."""
    return (word[:-1] if len(word) > 3 and word.endswith("s") else word)[:6]
