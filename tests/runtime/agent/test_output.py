import pytest

from lictor.runtime.agent.output import held_to, violation

SCHEMA = {
    "type": "object",
    "properties": {"days": {"type": "integer"}, "who": {"enum": ["a", "b"]}},
    "required": ["days"],
    "additionalProperties": False,
}


def test_a_model_is_held_to_a_schema() -> None:
    assert held_to(SCHEMA)["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"days": 3}', ""),
        ('{"days": 3, "who": "b"}', ""),
        ("thirty", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("{}", "$ breaks the rule 'required'"),
        ('{"days": "xyzzy"}', "$.days breaks the rule 'type'"),
        ('{"days": 3, "who": "c"}', "$.who breaks the rule 'enum'"),
        ('{"days": 3, "more": 1}', "$ breaks the rule 'additionalProperties'"),
    ],
)
def test_a_violation_is_told_by_place_and_rule(text: str, said: str) -> None:
    assert violation(text, SCHEMA) == said
