"""The `opa` program, where there is one: it formats, lints and covers policies, and is the oracle of their tests."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

VERSION: Final = "1.22.2"
"""The version that policies are tested against; scripts/opa.sh installs it."""
HINT: Final = (
    f"opa is not installed: `make opa` builds {VERSION} in a checkout where Go is present; "
    "LICTOR_OPA=/path/to/opa names one that you have"
)
_VARIABLE: Final = "LICTOR_OPA"
_TIMEOUT: Final = 60.0


def find_opa(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the path of opa: what LICTOR_OPA names, else of a checkout's `make opa`, else on the PATH."""
    named = environ.get(_VARIABLE, "")
    if named:
        return named if os.access(named, os.X_OK) else None
    own = Path(__file__).resolve().parents[2] / ".tools" / "bin" / "opa"
    return str(own) if own.is_file() else shutil.which("opa", path=environ.get("PATH"))


def run_opa(program: str, arguments: Sequence[str], stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run opa to its end and return what it printed; raises OSError or TimeoutExpired when it cannot be run."""
    command = [program, *arguments]
    # S603: the program is the operator's own choice, and no shell reads the arguments.
    return subprocess.run(  # noqa: S603
        command, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=_TIMEOUT, check=False
    )
