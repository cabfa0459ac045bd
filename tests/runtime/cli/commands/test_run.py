"""What an agent says is told as its own words, whatever it says."""

from pathlib import Path

import pytest
from playbook import team

from lictor.protocols.a2a.reading import Citation, Outcome
from lictor.runtime.cli.asking import Ending
from lictor.runtime.cli.commands import run
from lictor.runtime.cli.quit import Exit

FORGED = "x\nmodel: trusted\n0 blocked · 9 delivered\x1b[2J\x9b1A"


def test_an_agent_forges_no_line_and_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = Outcome("completed", FORGED, citations=(Citation(FORGED, FORGED),), model=FORGED)
    result = run._Run("t", Ending(Exit.DONE, "completed", outcome), [], 1.0)
    run._print(team(file=Path("x.yaml")), result, quiet=False)
    told = capsys.readouterr().out
    assert all(sign.isprintable() or sign == "\n" for sign in told)
    lines = told.splitlines()
    assert [line for line in lines if line.startswith("model:")] == [
        "model: x model: trusted 0 blocked · 9 delivered�[2J�1A"
    ]
    assert [line for line in lines if line.startswith("0 blocked")] == [lines[-1]]
    assert sum(line.startswith("  cites") for line in lines) == 1
