"""The values that a contract is made of."""

from lictor.guardrails.contract.contract import Argument, Literal, Prompt, Source, State, Step


def test_words_of_states_and_steps() -> None:
    assert {state.value for state in State} == {"none", "met", "ask", "broken", "missing"}
    assert {step.value for step in Step} == {"any", "ask", "deny", "read-only"}


def test_only_literals_make_an_argument_literal() -> None:
    literal = Source(Literal(1))

    assert Argument((literal,)).is_literal
    assert not Argument((literal, Source(Prompt()))).is_literal
    assert not Argument().is_literal
