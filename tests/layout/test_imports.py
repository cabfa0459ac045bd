import json
import subprocess
import sys

import pytest
from repository import ROOT

HEAVY = ("langgraph", "langchain_core", "mcp", "a2a", "llama_cpp", "sqlalchemy", "nats")

HELP = f"""
import contextlib, io, json, sys
from lictor.runtime.cli.main import main
with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit):
    main(["--help"])
assert "validate" in shown.getvalue(), shown.getvalue()
print(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""


def test_help_imports_nothing_heavy() -> None:
    told = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True, cwd=ROOT)
    assert json.loads(told.stdout) == []


@pytest.mark.slow
def test_import_contracts_hold() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "0 broken" in told.stdout
