import pytest

from lictor.guardrails.policy.bundle import Module
from lictor.guardrails.policy.embedded_rego import parse
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.restrictions import check_modules

USER = "package lictor.user.house\nimport rego.v1\n"


def check(text: str) -> object:
    modules = (Module("house.rego", text, user=True),)
    return check_modules(modules, parse(modules))


def test_it_tells_where_the_users_rules_stand() -> None:
    text = USER + 'deny contains "x" if input.a\n\nask contains "y" if input.b\n'
    assert check(text) == {
        "data.lictor.user.house.deny": ("house.rego", 3),
        "data.lictor.user.house.ask": ("house.rego", 5),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("package lictor.main\nimport rego.v1\nx := 1\n", r"house\.rego:1: package lictor\.main may not be used"),
        (USER + 'deny := "x" if input.a\n', r"house\.rego:3: write `deny contains"),
        (USER + "x := 1\n", r"house\.rego:1: it has no rule"),
        (USER + 'deny contains "x" if data.other.y\n', r"house\.rego:3: data\.other\.y may not be read"),
        (USER + 'deny contains "x" if data.lictor.main.route\n', r"may not be read here"),
        (USER + 'deny contains "x" if data[input.a]\n', r"may not be read here"),
        (USER + 'deny contains "x" if http.send({}).a\n', r"house\.rego:3: http\.send may not be used"),
        ('package lictor.user.house\ndeny contains "x" if input.a\n', r"import rego\.v1"),
    ],
)
def test_what_a_user_may_not_write(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        check(text)
