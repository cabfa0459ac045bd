import re
from pathlib import Path

import pytest
from repository import ROOT, files

from lictor.guardrails.verdict import Outcome
from lictor.protocols.names import Role
from lictor.protocols.subjects import Kind
from lictor.runtime.supervisor.child import Restart
from lictor.runtime.supervisor.decide import State

PLACES = re.compile(r"(?<![\w.-])/(?:work|" + r"root)/|/tmp/" + "brief|sdk-" + "notes")
"""Paths and papers of a machine on which somebody worked: they mean nothing to a reader."""


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda path: path.name)
def test_lock_files_name_no_host(lock: Path) -> None:
    said = lock.read_text(encoding="utf-8")
    assert not re.findall(r"\w+://\S*", said), "write it with: uv pip compile --no-emit-index-url"
    assert "--index-url" not in said
    assert "--find-links" not in said
    assert "--hash=sha256:" in said


def test_nothing_names_a_machine() -> None:
    found = []
    for name in files():
        raw = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" in raw:
            continue
        for number, line in enumerate(raw.decode().splitlines(), 1):
            if PLACES.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert not found


@pytest.mark.parametrize(
    "word",
    sorted(
        {role.value for role in Role}
        | {kind.value for kind in Kind}
        | {outcome.word for outcome in Outcome}
        | {restart.value for restart in Restart}
        | {state.value for state in State}
    ),
)
def test_the_words_of_the_code_are_explained(word: str) -> None:
    naming = (ROOT / "docs" / "naming.md").read_text(encoding="utf-8")
    assert f"`{word}`" in naming, f"docs/naming.md does not explain `{word}`"


def test_a_word_has_one_row() -> None:
    naming = (ROOT / "docs" / "naming.md").read_text(encoding="utf-8")
    words = [line.split("|")[1].strip() for line in naming.splitlines() if line.startswith("| **")]
    assert len(words) > 20
    assert len(words) == len(set(words))
