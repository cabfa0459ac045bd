import pytest

from lictor.guardrails.policy.bundle import Module
from lictor.guardrails.policy.embedded_rego import parse
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.stages import Stages, arrange, earlier_fields, with_stages


def arranged(*texts: str, user: bool = True) -> Stages:
    modules = [Module(f"m{number}.rego", f"{text}\n", user=user) for number, text in enumerate(texts)]
    return arrange(modules, parse(modules))


def user(name: str, body: str) -> str:
    return f'package lictor.user.{name}\nimport rego.v1\ndeny contains "x" if {{ {body} }}'


@pytest.mark.parametrize(
    ("body", "stages"),
    [
        ("input.sender", ["route"]),
        ("input.labels.untrusted", ["route"]),
        ("input.contract.state", ["flow"]),
        ("input.effect", ["flow"]),
        ('input.findings["pii/email"] > 1', ["content"]),
        ('input.findings["pii/email"] > 1; input.effect', ["content"]),
        ("input.signals.cycle > 1", ["behaviour"]),
        ("input.signals.cycle > 1; input.contract.state", ["behaviour"]),
        ("input.approver", ["approve"]),
        ("input.approver; input.tool", ["route", "approve"]),
        ("input.held.tool; input.findings", ["content", "approve"]),
        ("input[input.sender]", ["behaviour", "approve"]),
    ],
)
def test_a_users_rule_is_asked_where_all_that_it_reads_is_known(body: str, stages: list[str]) -> None:
    arranged_so = arranged(user("a", body))
    assert [stage for stage, names in arranged_so.user.items() if names == ("a",)] == stages


def test_each_stage_knows_what_those_before_it_know() -> None:
    assert earlier_fields("route") == frozenset()
    assert earlier_fields("content") == {"effect", "contract"}
    assert earlier_fields("behaviour") == {"effect", "contract", "findings"}
    assert earlier_fields("approve") == frozenset()


def test_what_it_reads_of_another_of_the_users_counts_too() -> None:
    stages = arranged(user("a", "data.lictor.user.b.x"), "package lictor.user.b\nimport rego.v1\nx if input.findings.a")
    assert stages.user["content"] == ("a", "b")


def test_a_built_in_rule_counts_at_its_stage() -> None:
    stages = arranged("package lictor.rules.flow.x\nimport rego.v1\nx if input.effect", user=False)
    assert stages.fields["flow"] == {("effect",)}
    assert not stages.fields["route"]


@pytest.mark.parametrize(
    "text",
    [
        "package lictor.rules.nowhere.x\nimport rego.v1\nx := 1",
        "package lictor.rules.flow.x\nimport rego.v1\nx if data.lictor.rules.content.y.z",
    ],
)
def test_a_rule_of_no_stage_or_of_two(text: str) -> None:
    with pytest.raises(PolicyError):
        arranged(text, user=False)


def test_the_data_tells_the_stages() -> None:
    stages = arranged(user("a", "input.sender"))
    data = with_stages({"lictor": {"team": {"x": 1}}}, stages)
    assert data["lictor"]["team"] == {"x": 1}
    assert data["lictor"]["stages"]["route"] == ["a"]
