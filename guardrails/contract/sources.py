"""Whether the sources that a contract names for an argument hold a value."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final

from lictor.guardrails.contract.contract import (
    Anything,
    Approval,
    Argument,
    Contract,
    Literal,
    Match,
    Output,
    Place,
    Prompt,
    References,
    Source,
    Trusted,
)
from lictor.guardrails.contract.like import is_like
from lictor.guardrails.contract.match import COMPARED, Scalar, holds, is_among, is_equal, words_of
from lictor.guardrails.contract.normal import normal_number, normal_value
from lictor.guardrails.contract.origins import Speaker, TaskOrigins
from lictor.guardrails.contract.records import select
from lictor.guardrails.contract.references import find_references
from lictor.guardrails.contract.text import Text

_Other = Prompt | Trusted | Approval | Anything | Literal | References
"""Every place but what tools and agents answered."""
_MOST_REFERENCES: Final = 50
_LONGEST: Final = 65_536
"""Characters of a free text; one that is longer comes from nowhere."""


class Answer(IntEnum):
    """Whether a value comes from its sources; of several sources the highest answer counts."""

    NO = 0
    PERSON = 1
    """A person may say."""
    SEVERAL = 2
    """It does, and so would another value, where only one may."""
    YES = 3


def ask_sources(rule: Argument, value: Scalar, origins: TaskOrigins) -> Answer:
    """Tell whether any of the rule's sources holds a value; without sources none does."""
    if rule.match is Match.WORDS:
        return _ask_words(rule, value, origins)
    return _ask_any(rule.sources, value, origins, rule.match)


def _ask_any(sources: Iterable[Source], value: Scalar, origins: TaskOrigins, match: Match) -> Answer:
    best = Answer.NO
    for source in sources:
        best = max(best, _ask(source, value, origins, match))
        if best is Answer.YES:
            break
    return best


def _ask(source: Source, value: Scalar, origins: TaskOrigins, match: Match) -> Answer:
    if source.like and not is_like(_said(value), source.like):
        return Answer.NO
    if source.least is not None or source.most is not None:
        number = None if isinstance(value, bool) or value is None else normal_number(value)
        if number is None or not _lies_between(float(number), source.least, source.most):
            return Answer.NO
    if isinstance(source.place, Output):
        answer = _ask_output(source.place, value, origins, match, source.like)
    else:
        answer = _ask_place(source.place, value, origins, match)
    if answer > Answer.PERSON and source.references is not None:
        answer = min(answer, _ask_place(source.references, value, origins, match))
    return answer


def _lies_between(number: float, least: float | None, most: float | None) -> bool:
    return (least is None or number >= least) and (most is None or number <= most)


def _ask_place(
    place: Prompt | Trusted | Approval | Anything | Literal | References,
    value: Scalar,
    origins: TaskOrigins,
    match: Match,
) -> Answer:
    if isinstance(place, Approval):
        return Answer.PERSON
    if isinstance(place, References):
        pointed = find_references(_said(value)[:_LONGEST])
        if len(pointed) > _MOST_REFERENCES or len(_said(value)) > _LONGEST:
            return Answer.NO
        return min((_ask_any(place.sources, said, origins, match) for said in pointed), default=Answer.YES)
    if isinstance(place, Literal):
        found = not isinstance(place.value, dict | list) and is_equal(value, place.value)
    elif isinstance(place, Anything):
        found = True
    else:
        found = any(holds(text, value) for text in _others(place, origins))
    return Answer.YES if found else Answer.NO


def _said(value: Scalar) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value).lower()


def _others(place: Prompt | Trusted, origins: TaskOrigins) -> Iterator[Text]:
    for origin in origins.kept:
        if origin.speaker is Speaker.PROMPT if isinstance(place, Prompt) else not origin.untrusted:
            yield origin.text


def _ask_output(output: Output, value: Scalar, origins: TaskOrigins, match: Match, like: str) -> Answer:
    selection = select(output, origins)
    if not output.type and not output.field:
        return Answer.YES if any(holds(text, value) for text in selection.texts) else Answer.NO
    if output.type:
        candidates = selection.values(output.type)
        found = is_among(output.type, value, candidates)
    else:
        candidates = selection.whole.values
        found = selection.whole.hold(value)
        if not found and match is Match.CONTAINED:
            found = any(holds(text, value) for text in selection.texts)
    if not found:
        return Answer.NO
    if not output.unique:
        return Answer.YES
    if like:
        candidates = frozenset(each for each in candidates if is_like(each, like))
    return Answer.SEVERAL if len(candidates) > 1 or origins.overflow else Answer.YES


def _ask_words(rule: Argument, value: Scalar, origins: TaskOrigins) -> Answer:
    plain = normal_value(_said(value))
    if plain is not None and words_of(plain) <= _words(rule, origins):
        return Answer.YES
    return Answer.PERSON if any(isinstance(source.place, Approval) for source in rule.sources) else Answer.NO


def _words(rule: Argument, origins: TaskOrigins) -> frozenset[str]:
    """Return the words of all sources of a rule, kept until more is read."""
    kept = origins.chosen.get(id(rule))
    if kept is not None and kept[0] == len(origins.kept) and isinstance(kept[2], frozenset):
        return kept[2]
    words = frozenset().union(*(_words_at(source.place, origins) for source in rule.sources))
    origins.choose(rule, words)
    return words


def _words_at(place: Place, origins: TaskOrigins) -> frozenset[str]:
    if isinstance(place, Literal):
        return words_of(str(place.value))
    if isinstance(place, Output):
        selection = select(place, origins)
        if place.type:
            return words_of(" ".join(selection.values(place.type)))
        return frozenset().union(*(text.words for text in selection.texts))
    if isinstance(place, Prompt | Trusted):
        return frozenset().union(*(text.words for text in _others(place, origins)))
    return frozenset()


def types_in(contract: Contract) -> frozenset[str]:
    """Return the types of values that judging a call by the contract may look for."""
    types = set(COMPARED)
    waiting = [source for tool in contract.tools.values() for _, rule in tool.arguments for source in rule.sources]
    while waiting:
        source = waiting.pop()
        if isinstance(source.place, Output) and source.place.type:
            types.add(source.place.type)
        for place in (source.place, source.references):
            if isinstance(place, References):
                waiting.extend(place.sources)
    return frozenset(types)


def describe(sources: Iterable[Source]) -> str:
    """Return the sources as people say them: `the prompt, read_file (iban)`."""
    return ", ".join(_describe(source) for source in sources)


def _describe(source: Source) -> str:
    said = _describe_place(source.place)
    if source.like:
        said += f" like {source.like!r}"
    for word, limit in (("at least", source.least), ("at most", source.most)):
        if limit is not None:
            said += f" {word} {limit:g}"
    return said


def _describe_place(place: Place) -> str:
    if isinstance(place, Output):
        parts = [".".join(place.field), place.type, "the only one" if place.unique else ""]
        kind = ", ".join(part for part in parts if part)
        return f"{' or '.join(place.names)} ({kind})" if kind else " or ".join(place.names)
    if isinstance(place, References):
        return f"text that points to nothing but {describe(place.sources) or 'nothing'}"
    if isinstance(place, Literal):
        return "a value of the contract"
    if isinstance(place, Prompt):
        return "the prompt"
    if isinstance(place, Approval):
        return "a person"
    return "trusted data" if isinstance(place, Trusted) else "anything"
