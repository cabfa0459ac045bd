"""From text to a contract."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.contract.contract import Argument, Literal, Match, Prompt, References, Source, Step
from lictor.guardrails.contract.places import ContractError, Mistake
from lictor.guardrails.contract.read import make_contract, read_contract

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "agents" / "schema" / "contract-1.json").read_text(encoding="utf-8"))

WHOLE: dict[str, Any] = {
    "contract": 1,
    "description": "pays the bill",
    "otherwise": "ask",
    "tools": {
        "read_file": {},
        "list": None,
        "send_money": {
            "times": 1,
            "else": "ask",
            "otherwise": "any",
            "arguments": {
                "recipient": {
                    "from": ["prompt", {"tool": "read_file", "as": "iban", "unique": True}],
                    "required": True,
                },
                "amount": {"from": "any", "max": 100},
                "subject": "any",
                "date": {"literals": ["2022-01-01"]},
                "body": {"text": ["prompt"], "else": "ask"},
                "title": {"from": ["prompt"], "match": "words", "type": "text"},
                "cc": "approval",
                "files.*.id": [
                    {"tool": ["a", "b"], "field": "*.id", "where": {"name": {"like": "x*"}}, "max_of": "size"}
                ],
            },
        },
    },
}


def mistakes_of(text: str) -> list[str]:
    with pytest.raises(ContractError) as caught:
        read_contract(text, "c.yaml")
    return str(caught.value).splitlines()


def test_a_whole_contract() -> None:
    contract = make_contract(WHOLE, "team.yaml", 7)
    tool = contract.tools["send_money"]
    arguments = {".".join(path): rule for path, rule in tool.arguments}

    assert (contract.otherwise, contract.description, contract.file, contract.line) == (
        Step.ASK,
        "pays the bill",
        "team.yaml",
        7,
    )
    assert (tool.times, tool.broken, tool.otherwise, tool.line) == (1, Step.ASK, Step.ANY, 7)
    assert arguments["recipient"].required
    assert arguments["amount"].sources[0].most == 100
    assert arguments["subject"] == Argument(line=7)
    assert arguments["date"].sources == (Source(Literal("2022-01-01")),)
    assert arguments["body"].sources == (Source(References((Source(Prompt()),))),)
    assert arguments["body"].broken is Step.ASK
    assert arguments["title"].match is Match.WORDS
    assert contract.tools["list"].otherwise is Step.ANY


def test_what_was_not_named_is_denied_once_anything_is_named() -> None:
    contract = read_contract("contract: 1\ntools: {a: {arguments: {x: any}}, b: {}, c: {arguments: {}}}")

    assert [contract.tools[name].otherwise for name in "abc"] == [Step.DENY, Step.ANY, Step.DENY]


def test_limits_beside_from_hold_for_every_source() -> None:
    contract = read_contract("contract: 1\ntools: {a: {arguments: {x: {from: [prompt, {literal: 3}], max: 5}}}}")
    ((_, rule),) = contract.tools["a"].arguments

    assert [source.most for source in rule.sources] == [5, 5]


def test_every_mistake_is_told_with_its_place() -> None:
    text = """contract: 2
tools:
  a: {time: 3, times: -1, arguments: {x: {tool: y, as: ibn}, y: [any], q: {literals: 3}}}
  a: {}
  b: [1]
  "": {}
other: 1
otherwise: aks
"""
    assert mistakes_of(text) == [
        "c.yaml:1:1: version 2 is not known: this release reads version 1",
        "c.yaml:3:7: unknown key 'time' in a tool; known: times, arguments, otherwise, else (did you mean 'times'?)",
        "c.yaml:3:16: 'times' is a whole number from 0: the most calls in a task",
        "c.yaml:3:52: 'as' is 'ibn'; it may be iban, account, email, url, date, time, number, id, name, path, word, "
        "line (did you mean 'iban'?)",
        "c.yaml:3:66: 'any' is no source: prompt, trusted, approval, or a map; it stands alone, not among others",
        "c.yaml:3:76: 'literals' is a list of values",
        "c.yaml:4:3: 'a' is given twice",
        "c.yaml:5:3: a tool is a map of keys and values, not [1]",
        "c.yaml:6:3: no tool is called so: a name has 1 to 256 printable characters",
        "c.yaml:7:1: unknown key 'other' in a contract; known: contract, description, tools, otherwise "
        "(did you mean 'otherwise'?)",
        "c.yaml:8:1: 'otherwise' is 'aks'; it may be read-only, ask, deny (did you mean 'ask'?)",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a contract is a map of keys and values, not nothing"),
        ("tools: {}", "it does not begin with 'contract: 1'"),
        ("contract: true\ntools: {}", "version True is not known"),
        ("contract: 1", "'tools' is missing"),
        ("contract: 1\ntools: {a: {arguments: {x: {}}}}", "it says nothing"),
        ("contract: 1\ntools: {a: {arguments: {x: {from: prompt, tool: b}}}}", "'tool' stands within 'from'"),
        ("contract: 1\ntools: {a: {arguments: {x: {from: prompt, match: words, max: 3}}}}", "'match: words' goes with"),
        ("contract: 1\ntools: {a: {arguments: {x: {from: prompt, type: ibn}}}}", "did you mean 'iban'?"),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    assert any(said in mistake for mistake in mistakes_of(text))


def test_the_schema_takes_what_the_reader_takes() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(WHOLE, SCHEMA)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"contract": 2, "tools": {}},
        {"contract": 1, "tools": {"a": {"time": 1}}},
        {"contract": 1, "tools": {"a": {"arguments": {"x": {"tool": "y", "as": "ibn"}}}}},
        {"contract": 1, "tools": {"a": {"arguments": {"x": []}}}},
        {"contract": 1, "tools": {"a": {"arguments": {"x": "nothing"}}}},
        {"contract": 1, "tools": {}, "otherwise": "any"},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)
    with pytest.raises(ContractError):
        make_contract(wrong)


@given(st.text())
def test_any_text_is_a_contract_or_has_mistakes_with_places(text: str) -> None:
    mistakes: tuple[Mistake, ...] = ()
    try:
        read_contract(text, "c.yaml")
    except ContractError as error:
        mistakes = error.mistakes
    assert all(mistake.line >= 1 and mistake.column >= 1 and mistake.message for mistake in mistakes)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.sampled_from(["prompt", "any", "approval", "ask", "iban", "a.*"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "contract",
                        "tools",
                        "a",
                        "arguments",
                        "x",
                        "from",
                        "tool",
                        "as",
                        "field",
                        "where",
                        "literal",
                        "text",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_data_is_a_contract_or_has_mistakes(data: Any) -> None:
    with suppress(ContractError):
        make_contract({"contract": 1, "tools": {"a": {"arguments": {"x": data}}}})
