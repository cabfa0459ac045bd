"""A plan's policies are loaded or refused by name, and its limits reach the layers."""

from copy import deepcopy
from pathlib import Path

import pytest
from playbook import Playbook, agent, delivered, refused, says, started, team, team_data

from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.enforcer.build import build_mediation

pytestmark = pytest.mark.slow


def test_globs_that_cannot_match_are_refused_where_they_stand() -> None:
    data = deepcopy(team_data())
    data["permits"]["triage"]["tool-crm"]["deny"] = ["find_["]
    with pytest.raises(PolicyError, match=r"desk\.yaml:6: the permit of triage for tool-crm: 'find_\['"):
        build_mediation(team(policy_data=data))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("package lictor.main\nimport rego.v1\ndeny contains 1 if true\n", "package lictor.main may not be used"),
        ("package lictor.rules.route.mine\nimport rego.v1\npermit if true\n", "write `package lictor.user.NAME`"),
        ('package lictor.user\nimport rego.v1\nx := {"deny": []}\n', "write `package lictor.user.NAME`"),
        ("package lictor.user.a.b\nimport rego.v1\ndeny contains 1 if true\n", "write `package lictor.user.NAME`"),
        ("package lictor.user.a\nimport rego.v1\ndeny if true\n", "deny contains …"),
        ("package lictor.user.a\nimport rego.v1\ndeny := [1]\n", "deny contains …"),
        ("package lictor.user.a\nimport rego.v1\ndenied contains 1 if true\n", "it decides nothing"),
        ('package lictor.user.a\ndeny["x"] { true }\n', "import rego.v1"),
        ("package lictor.user.a\nimport rego.v1\ndeny contains 1 if http.send({})\n", ":3: http.send may not be used"),
        ("package lictor.user.a\nimport rego.v1\ndeny contains 1 if time.now_ns( ) > 1\n", "time.now_ns may not"),
        ("package lictor.user.a\nimport rego.v1\ndeny contains 1 if opa.runtime().env\n", "opa.runtime may not"),
        (
            "package lictor.user.a\nimport rego.v1\ndeny contains data.lictor.main.allow if true\n",
            ":3: data.lictor.main.allow may not",
        ),
        (
            "package lictor.user.a\nimport rego.v1\nimport data.lictor.main as main\ndeny contains 1 if main.allow\n",
            ":3: data.lictor.main may",
        ),
        (
            'package lictor.user.a\nimport rego.v1\ndeny contains 1 if data.lictor["main"].allow\n',
            "data.lictor.main.allow",
        ),
        (
            "package lictor.user.a\nimport rego.v1\ndeny contains 1 if data[input.x].main.allow\n",
            "data.*.main.allow may not",
        ),
        (
            "package lictor.user.a\nimport rego.v1\ndeny contains 1 if data.lictor.user[_].deny\n",
            "data.lictor.user.*.deny may",
        ),
        ("package lictor.user.a\nimport rego.v1\ndeny contains 1 if walk(data, [_, 1])\n", "data may not"),
        ("package lictor.user.a\nimport rego.v1\ndeny contains\n", "mine.rego"),
        ("not rego at all", "mine.rego"),
        ("", "mine.rego"),
    ],
)
def test_user_rules_that_may_not_be_used(tmp_path: Path, text: str, complaint: str) -> None:
    rule = tmp_path / "mine.rego"
    rule.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        build_mediation(team(policies=(rule,)))
    assert complaint in str(caught.value)
    assert "Stack backtrace" not in str(caught.value)


def test_user_rules_may_read_the_team_and_each_other(tmp_path: Path) -> None:
    one, two = tmp_path / "one.rego", tmp_path / "two.rego"
    one.write_text(
        "package lictor.user.one\nimport rego.v1\nimport data.lictor.team as team\nlimit := 3\n"
        'deny contains "x" if team.agents[input.sender].line == 2\n',
        encoding="utf-8",
    )
    two.write_text(
        'package lictor.user.two\nimport rego.v1\ndeny contains "y" if data.lictor.user.one.limit == 4\n',
        encoding="utf-8",
    )
    play = Playbook()
    play.mediation = build_mediation(team(policies=(one, two)), clock=lambda: play.now)
    started(play)
    play >> says("triage", "writer") << refused("triage", "user.one", "x", file=str(one), line=5)


def test_a_missing_rule_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        build_mediation(team(policies=(tmp_path / "none.rego",)))


def test_a_user_rule_that_fails_denies(tmp_path: Path) -> None:
    rule = tmp_path / "mine.rego"
    rule.write_text(
        'package lictor.user.a\nimport rego.v1\ndeny contains "x" if time.parse_rfc3339_ns(input.method) > 1\n',
        encoding="utf-8",
    )
    play = Playbook()
    with pytest.raises(PolicyError):
        build_mediation(team(policies=(rule, tmp_path / "b.rego")))
    play = Playbook(build_mediation(team(policies=(rule,)), clock=lambda: play.now))
    play >> says("op-cli", "triage") << refused("op-cli", "route.failed", "evaluation failed")


def test_an_empty_team_denies_everything() -> None:
    play = Playbook()
    play.mediation = build_mediation(team(policy_data={}), clock=lambda: play.now)
    play >> says("op-cli", "triage") << refused("op-cli", "route.no_edge", "no such principal")


def test_budgets_of_the_plan() -> None:
    play = Playbook()
    play.mediation = build_mediation(team(agents=(agent("triage", 2, messages=1),)), clock=lambda: play.now)
    started(play)
    play >> says("triage", "writer") << delivered("writer")
    play >> says("triage", "writer") << refused("triage", "admit.budget_messages", line=2)
