import pytest

from lictor.runtime.definition.guards import GUARDS, MODES, OFF, built_in, guards_schema, overlay
from lictor.runtime.definition.plan import GuardPlan, Place


@pytest.mark.parametrize("name", GUARDS)
def test_every_guard_is_something_it_may_be(name: str) -> None:
    guard = GUARDS[name]
    assert guard.mode in guard.modes
    assert guard.modes[0] == OFF
    assert list(guard.modes) == sorted(guard.modes, key=MODES.index)
    assert guard.meaning.endswith(".")
    for setting in guard.settings.values():
        assert setting.meaning.endswith(".")
        if setting.kind in ("share", "count"):
            assert setting.low <= setting.default <= setting.high


def test_what_must_not_be_off_is_on() -> None:
    modes = {name: guard.mode for name, guard in built_in().items()}
    assert modes["secrets"] == modes["schema"] == modes["repetition"] == modes["loops"] == "block"
    assert (modes["taint"], modes["injection"], modes["pii"]) == ("ask", "warn", "warn")


def test_what_is_not_said_is_as_below() -> None:
    place = Place("f", 3)
    merged = overlay(
        built_in(), {"repetition": GuardPlan("", {"max": 3}, place), "pii": GuardPlan("redact", {}, place)}
    )
    assert merged["repetition"].mode == "block"
    assert merged["repetition"].settings == {**built_in()["repetition"].settings, "max": 3}
    assert (merged["pii"].mode, merged["pii"].settings["threshold"], merged["pii"].place) == ("redact", 0.5, place)
    assert merged["secrets"] == built_in()["secrets"]


def test_editors_know_every_guard() -> None:
    own, team = guards_schema(), guards_schema(team=True)
    assert own["properties"].keys() == GUARDS.keys()
    assert team["properties"].keys() == GUARDS.keys() | {"rate"}
    assert "max_hops" not in own["properties"]["loops"]["anyOf"][1]["properties"]
    assert "max_hops" in team["properties"]["loops"]["anyOf"][1]["properties"]
    assert own["properties"]["taint"]["anyOf"][0]["enum"] == ["off", "ask", "block"]
