"""What principals add to data and keep of it."""

import pytest

from lictor.guardrails.labels import Labels, Level, UnknownLabel
from lictor.guardrails.provenance.nature import Keeps, Natures, read_natures

TEAM = {
    "agents": {
        "chief": {"isolated": True, "emits": ["customer"], "file": "t.yaml", "line": 3},
        "coder": {"file": "t.yaml", "line": 5},
        "legal": {"isolated": True, "remote": True},
    },
    "tools": {
        "tool-crm": {"kind": "mcp-http", "labels": ["internal"], "remote": True, "file": "t.yaml", "line": 7},
        "tool-docs": {"kind": "rag", "labels": [], "remote": False},
        "tool-code": {"kind": "python", "labels": []},
    },
    "models": {"model-cloud": {"remote": True}, "model-small": {"remote": False}},
    "permits": {
        "chief": {"tool-docs": {"labels": ["secret"], "file": "t.yaml", "line": 9}, "tool-crm": {"labels": []}}
    },
}


def test_natures_of_a_team() -> None:
    natures = read_natures(TEAM)

    assert natures.of("chief").adds == Labels(tags=frozenset({"customer"}), sources=frozenset({"chief"}))
    assert natures.of("chief").cause == "principal chief t.yaml:3"
    assert [natures.of(name).keeps for name in ("chief", "coder", "tool-crm", "tool-docs", "tool-code")] == [
        Keeps.NOTHING,
        Keeps.INSTANCE,
        Keeps.STORE,
        Keeps.NOTHING,
        Keeps.INSTANCE,
    ]
    untrusted = {
        name for name in ("legal", "tool-crm", "model-cloud", "model-small", "chief") if natures.of(name).adds.untrusted
    }
    assert untrusted == {"legal", "tool-crm", "model-cloud"}


def test_what_an_agents_use_of_a_server_adds() -> None:
    natures = read_natures(TEAM)

    assert natures.answers("chief", "tool-docs").adds.level is Level.SECRET
    assert natures.answers("chief", "tool-docs").cause == "principal tool-docs t.yaml:9"
    assert natures.answers("chief", "tool-crm").cause == "principal tool-crm t.yaml:7"
    assert natures.answers("chief", "tool-crm").adds.untrusted
    assert natures.answers("coder", "tool-docs").adds.level is Level.PUBLIC


def test_strangers() -> None:
    natures = Natures()

    assert natures.of("ext-web").adds.untrusted
    assert not natures.of("op-cli").adds.untrusted
    assert natures.of("tool-x").adds.untrusted
    assert natures.of("agent").keeps is Keeps.INSTANCE


def test_words_that_are_no_labels() -> None:
    with pytest.raises(UnknownLabel):
        read_natures({"agents": {"a": {"emits": ["Not A Label"]}}})
