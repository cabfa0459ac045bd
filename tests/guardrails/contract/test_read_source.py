"""From data to sources."""

from typing import Any

import pytest

from lictor.guardrails.contract.contract import (
    Anything,
    Approval,
    Condition,
    Like,
    Literal,
    Output,
    Prompt,
    References,
    Source,
    Trusted,
)
from lictor.guardrails.contract.places import Placed
from lictor.guardrails.contract.read_source import SourceReader


def read(given: Any) -> tuple[tuple[Source, ...], list[str]]:
    placed = Placed("c.yaml")
    return SourceReader(placed).sources(given, ()), [mistake.message for mistake in placed.mistakes]


@pytest.mark.parametrize(
    ("given", "sources"),
    [
        ("prompt", [Source(Prompt())]),
        (["prompt", "trusted", "approval"], [Source(Prompt()), Source(Trusted()), Source(Approval())]),
        ({"trusted": True}, [Source(Trusted())]),
        ({"literals": [1, "a"]}, [Source(Literal(1)), Source(Literal("a"))]),
        ({"literal": [1]}, [Source(Literal([1]))]),
        ({"like": "a*"}, [Source(Anything(), "a*")]),
        ({"min": 1, "max": 2.5}, [Source(Anything(), "", 1.0, 2.5)]),
        ({"text": []}, [Source(References(()))]),
        ({"text": ["prompt"], "like": "a*"}, [Source(References((Source(Prompt()),)), "a*")]),
        ({"tool": "x"}, [Source(Output(("x",), untrusted=False))]),
        ({"tool": "x", "untrusted": True}, [Source(Output(("x",)))]),
        ({"tool": ["x", "y"], "as": "iban", "unique": True}, [Source(Output(("x", "y"), type="iban", unique=True))]),
        ({"agent": "x", "field": "a.*"}, [Source(Output(("x",), agent=True, field=("a", "*")))]),
        ({"tool": "x", "field": "*.a", "max_of": "b"}, [Source(Output(("x",), field=("*", "a"), most_of=("b",)))]),
        (
            {
                "tool": "x",
                "with": {"p.q": "a"},
                "field": "*.a",
                "where": {"n": [{"like": "b*"}, {"from": "prompt"}, 3]},
            },
            [
                Source(
                    Output(
                        ("x",),
                        calls=(Condition(("p", "q"), (Literal("a"),)),),
                        field=("*", "a"),
                        where=(Condition(("n",), (Like("b*"), Prompt(), Literal(3))),),
                    )
                )
            ],
        ),
    ],
)
def test_forms(given: Any, sources: list[Source]) -> None:
    assert read(given) == (tuple(sources), [])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("any", "'any' is no source: prompt, trusted, approval, or a map; it stands alone, not among others"),
        ([], "0 sources; an argument has 1 to 100"),
        ({}, "{} is no source"),
        (3, "3 is no source"),
        ({"prompt": False}, "'prompt' is true, or is left out"),
        ({"literals": []}, "'literals' is a list of values"),
        ({"tool": ""}, "'tool' is a name or a list of names"),
        ({"tool": "a", "agent": "b"}, "a source is one place, not tool and agent at once"),
        ({"tool": "a", "as": "ibn"}, "did you mean 'iban'?"),
        ({"tool": "a", "unique": True}, "'unique' needs 'as' or 'field'"),
        ({"tool": "a", "where": {"x": 1}}, "'where' needs 'field'"),
        ({"tool": "a", "field": "x", "where": {}}, "'where' names fields"),
        ({"tool": "a", "field": "x", "where": {"a.*": 1}}, "it has no '*'"),
        ({"tool": "a", "field": "a..b"}, "'field' is a path"),
        ({"tool": "a", "with": {"x": {"y": 1}}}, "write a value, {like: pattern}, or {from: prompt}"),
        ({"as": "iban"}, "'as' needs 'tool' or 'agent'"),
        ({"literal": 1, "as": "iban"}, "'as' goes with 'tool' or 'agent', not with 'literal'"),
        ({"tols": "a"}, "unknown key 'tols' in a source"),
    ],
)
def test_mistakes_leave_nothing_that_a_value_may_come_from(given: Any, said: str) -> None:
    sources, mistakes = read(given)

    assert any(said in mistake for mistake in mistakes), mistakes
    assert sources
