import pytest
from small_bundle import tree_of

from lictor.guardrails.policy.dialect import check_dialect
from lictor.guardrails.policy.engine import PolicyError

HEAD = "package lictor.user.a\n\nimport rego.v1\n\n"


def check(text: str, *, built_in: bool = False) -> None:
    tree = tree_of(HEAD + text)
    check_dialect("a.rego", HEAD + text, tree, [tree], built_in=built_in)


@pytest.mark.parametrize(
    "text",
    [
        "import data.lictor.team as team\n\nx := team.a\n",
        "import data.lictor.user.b\n\nx := b.f(input.a)\n",
        "x if regex.match(`^[0-9]+$`, input.a)\n",
        'x := sprintf("%v of %s, 100 %%", [input.a, input.b])\n',
        'x if glob.match("crm_*", null, input.tool)\n',
        "x if glob.match(data.lictor.team.pattern, null, input.tool)\n",
        "f(y) := y\n\nx := f(input.a)\n",
        "x := data.lictor.user.b.f(input.a)\n",
        "x := found if {\n\tfound := [y | some y in input.a]\n}\n",
        "x := [y | some y in input.a]\n",
        'x := input["a b"]\n',
        'x if "a\\nb" == input.a\n',
    ],
)
def test_what_every_engine_reads_alike(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("\nx := http.send({})\n", 6, "depends on more than the input"),
        ("x := time.now_ns()\n", 5, "depends on more"),
        ("x := upper(input.a)\n", 5, "compare what `lower` gives"),
        ("x := net.cidr_contains(input.a, input.b)\n", 5, "not among the functions"),
        ("x := nonsense(input.a)\n", 5, "not among the functions"),
        (r"x if regex.match(`^\d+$`, input.a)" + "\n", 5, "regular expression"),
        ("x if regex.match(input.p, input.a)\n", 5, "must be written out"),
        (r'x := regex.replace(input.a, `\s`, "")' + "\n", 5, "regular expression"),
        ('x := sprintf("%d", [input.a])\n', 5, "only %v, %s"),
        ('x := sprintf("%.2f", [input.a])\n', 5, "only %v, %s"),
        ('x := sprintf("%v", [input.a, input.b])\n', 5, "asks for 1 values and is given 2"),
        ("x := sprintf(input.f, [input.a])\n", 5, "format must be written out"),
        ('x if glob.match("a$", null, input.a)\n', 5, "is not a glob"),
        ('x if glob.match("a**", null, input.a)\n', 5, "is not a glob"),
        ("x := input.a / 3\n", 5, "multiply instead"),
        ('x := input["a\\nb"]\n', 5, "bind it to a name"),
        ("x := [y | some y in input.a] if input.b\n", 5, "may not stand before `if`"),
        ("x contains {y | some y in input.a} if input.b\n", 5, "may not stand before `if`"),
        ("x := 1 if input.b else := [y | some y in input.a]\n", 5, "may not stand before `if`"),
        ("x if {\n\tnot input.a in {1}\n}\n", 6, "behind `not`"),
    ],
)
def test_what_one_reads_otherwise(text: str, line: int, said: str) -> None:
    with pytest.raises(PolicyError, match=rf"^a\.rego:{line}: ") as caught:
        check(text)
    assert said in str(caught.value)


def test_what_is_built_in_may_take_patterns_from_the_teams_data() -> None:
    check("x if regex.match(data.lictor.team.p, input.a)\n", built_in=True)
