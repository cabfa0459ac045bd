import os
from pathlib import Path

import pytest
from opa_process import require_opa

from lictor.runtime.cli.opa import VERSION, find_opa, run_opa


def test_what_is_named_counts_before_what_is_found(tmp_path: Path) -> None:
    program = tmp_path / "opa"
    program.write_text("#!/bin/sh\n")
    assert find_opa({"LICTOR_OPA": str(program)}) is None, "it cannot be run"
    program.chmod(0o755)
    assert find_opa({"LICTOR_OPA": str(program)}) == str(program)
    assert find_opa({"LICTOR_OPA": str(tmp_path / "none"), "PATH": os.environ["PATH"]}) is None


def test_the_version_is_the_one_that_is_installed() -> None:
    script = Path(__file__).resolve().parents[3] / "scripts" / "opa.sh"
    assert f"version={VERSION}\n" in script.read_text(encoding="utf-8")
    told = run_opa(require_opa(), ["version"])
    assert told.returncode == 0
    assert "Version: " in told.stdout


def test_a_program_that_cannot_be_run() -> None:
    with pytest.raises(OSError, match="none"):
        run_opa("/none/opa", ["version"])
