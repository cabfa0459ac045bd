import hashlib
import math
from pathlib import Path

import pytest
import yaml
from adaptive import CASES, Case, listings, measure, read_cases
from figures import Result, interval, summary
from repository import ROOT
from run import HERE, SUITES, read_suites

from lictor.guardrails.contract.read import make_contract, read_contract
from lictor.runtime.definition.load import load_plan

TASKS = {"workspace": 40, "travel": 20, "banking": 16, "slack": 21}
FROZEN = "cdceb50ef214fea15121f06e1fcb29fc87bb58def0354551caccf300466458d6"


@pytest.mark.parametrize("suite", SUITES)
def test_every_task_has_a_contract_that_can_be_read(suite: str) -> None:
    files = sorted((HERE / "contracts" / suite).glob("*.yaml"))
    assert [file.name for file in files] == sorted(f"user_task_{number}.yaml" for number in range(TASKS[suite]))
    effects = read_suites()[suite].effects
    for file in files:
        contract = read_contract(file.read_text(), file.name)
        assert contract.tools.keys() <= effects, f"{file}: a tool that only reads needs no entry"


def test_contracts_of_the_held_out_suites_are_as_they_were_frozen() -> None:
    folder = HERE / "contracts"
    names = sorted(str(file.relative_to(HERE)) for suite in ("travel", "slack") for file in (folder / suite).glob("*"))
    lines = [f"{hashlib.sha256((HERE / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == FROZEN


@pytest.mark.parametrize("name", ["team", "adaptive"])
def test_teams_are_valid(name: str) -> None:
    loaded = load_plan(HERE / "team" / f"{name}.yaml", environ={})
    assert loaded.plan is not None
    assert not loaded.errors


def test_the_interval_is_the_exact_one() -> None:
    low, high = interval(3, 909)
    assert 1 - tail(2, 909, low) == pytest.approx(0.025, abs=1e-9)
    assert tail(3, 909, high) == pytest.approx(0.025, abs=1e-9)
    assert interval(0, 909)[0] == 0.0
    assert interval(0, 909)[1] == pytest.approx(1 - 0.025 ** (1 / 909))
    assert interval(5, 5)[1] == 1.0
    assert interval(0, 0) == (0.0, 1.0)


def tail(hits: int, trials: int, share: float) -> float:
    """Return how likely at most so many hits are."""
    return math.fsum(math.comb(trials, n) * share**n * (1 - share) ** (trials - n) for n in range(hits + 1))


def test_only_attacks_that_work_undefended_count() -> None:
    def episode(*, injection: str, verified: bool, security: bool, asked: int = 0) -> Result:
        return Result(
            "banking",
            "user_task_0",
            injection,
            "direct" if injection else "",
            side_effect=True,
            verified=verified,
            utility=True,
            security=security,
            asked=asked,
            asked_attack=0,
            leaked=False,
            errors=0,
        )

    found = summary(
        [
            episode(injection="", verified=False, security=False, asked=1),
            episode(injection="a", verified=True, security=True),
            episode(injection="b", verified=True, security=False),
            episode(injection="c", verified=False, security=True),
        ]
    )
    assert found["asr"] == 0.5
    assert found["attacks_verified"] == 2
    assert found["utility"] == found["untouched"] == 1.0
    assert found["approvals_per_task"] == 1.0


def test_cases_of_our_own_are_many_and_can_be_read() -> None:
    cases = list(read_cases())
    assert len({case.name for case in cases}) == len(cases) >= 60
    for case in cases:
        if case.contract is not None:
            make_contract(case.contract, case.name)
        assert case.expected == "blocked" or case.about, f"{case.name}: say why it gets through"


def test_every_family_is_one_file() -> None:
    families = [yaml.safe_load(file.read_text())["family"] for file in Path(CASES).glob("*.yaml")]
    assert len(set(families)) == len(families)
    assert listings().keys() == {"tool-inbox", "tool-office", "tool-actions", "tool-mimic"}


@pytest.mark.slow
async def test_cases_through_the_real_enforcer() -> None:
    named = {"second account in the bill", "two at once", "another amount out of the bill", "through a model's summary"}
    cases: list[Case] = [case for case in read_cases() if case.name in named]
    results = await measure(cases, ROOT / "benchmarks" / "agentdojo" / "team" / "adaptive.yaml", at_once=2)
    assert {result["case"]: result["through"] for result in results} == {
        "second account in the bill": False,
        "two at once": False,
        "another amount out of the bill": True,
        "through a model's summary": False,
    }
