import re
from pathlib import Path

import msgspec
import pytest
from repository import ROOT, files, pages, text

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.protocols import headers
from lictor.protocols.record import MessageEntry, RecordBatch, VerdictEntry
from lictor.runtime.cli.main import COMMANDS
from lictor.runtime.cli.quit import Exit
from lictor.runtime.definition.load import load_plan
from lictor.runtime.supervisor.decide import State

LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = HEADING.findall(FENCE.sub("", text(page)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", pages(), ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    known = set(files())
    for link in LINK.findall(FENCE.sub("", text(page))):
        target, _, anchor = link.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        goal = page if not target else Path(*(ROOT / page.parent / target).resolve().relative_to(ROOT).parts)
        assert goal in known or (ROOT / goal).is_dir(), f"{page} links to {link}, which is not there"
        assert not anchor or anchor in anchors(goal), f"{page} links to {link}: no such heading"


def test_the_first_screen_of_the_readme() -> None:
    first, _, _ = text(Path("README.md")).partition("\n## ")
    assert first.count("\n") <= 45
    assert "no message is delivered unless policy says so" in " ".join(first.replace("*", "").split())
    makefile = text(Path("Makefile"))
    commands = re.findall(r"^make ([a-z-]+)", first, re.MULTILINE)
    assert commands[:2] == ["demo", "test"]
    for command in commands:
        assert re.search(rf"^{command}:", makefile, re.MULTILINE)


def test_the_readmes_team_is_valid(tmp_path: Path) -> None:
    block = re.search(r"^```yaml\n(.*?)^```", text(Path("README.md")), re.MULTILINE | re.DOTALL)
    assert block
    assert block[1].count("\n") == 10
    file = tmp_path / "desk.yaml"
    file.write_text(block[1], encoding="utf-8")
    (tmp_path / "handbook").symlink_to(ROOT / "examples" / "desk" / "handbook")
    loaded = load_plan(file, environ={}, cwd=tmp_path)
    assert not loaded.problems
    assert loaded.plan is not None
    assert [agent.name for agent in loaded.plan.agents] == ["triage", "retriever", "writer"]


def test_the_readmes_policy_denies(tmp_path: Path) -> None:
    block = re.search(r"^```rego\n(.*?)^```", text(Path("README.md")), re.MULTILINE | re.DOTALL)
    assert block
    file = tmp_path / "house.rego"
    file.write_text(block[1], encoding="utf-8")
    decision = EmbeddedRego(load_bundle({}, [file])).decide(
        "route",
        {"sender": "writer", "target": "tool-files", "kind": "mcp", "method": "tools/call", "tool": "delete_all"},
    )
    assert "nothing is deleted here" in {denial.reason for denial in decision.denials}


@pytest.mark.parametrize("page", pages(), ids=str)
def test_commands_in_pages_exist(page: Path) -> None:
    said = text(page)
    makefile = text(Path("Makefile"))
    for target in re.findall(r"(?:`|^)make ([a-z][a-z-]*)", said, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page}: make {target}"
    names = {name for name, _ in COMMANDS}
    for command in re.findall(r"(?:`|^)(?:\.venv/bin/)?lictor ([a-z]+)", said, re.MULTILINE):
        assert command in names, f"{page}: lictor {command}"


def test_telemetry_lists_every_header_field_and_exit_code() -> None:
    page = text(Path("docs/telemetry.md"))
    words = headers.CLAIMABLE | headers.ENFORCED
    for struct in (MessageEntry, VerdictEntry, RecordBatch):
        words |= {field.name for field in msgspec.structs.fields(struct)}
    missing = sorted(word for word in words if f"`{word}`" not in page)
    assert not missing
    for code in Exit:
        assert re.search(rf"^\| {code.value} \|", page, re.MULTILINE), f"exit code {code.value}"


def test_states_lists_every_state_of_a_child() -> None:
    page = text(Path("docs/states.md"))
    assert not [state.value for state in State if not re.search(rf"\b{state.value}\b", page)]


def test_decisions_are_numbered_in_order() -> None:
    numbers = [int(name.name[:4]) for name in files() if name.parent == Path("docs/decisions") and name.name[0] == "0"]
    assert numbers == list(range(1, len(numbers) + 1))
