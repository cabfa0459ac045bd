"""The trial of a bundle in a process of its own, which is ended when it takes too long."""

import json
import subprocess
import sys
from typing import Final

from lictor.guardrails.policy.bundle import Bundle
from lictor.guardrails.policy.engine import PolicyError

_LIMIT: Final = 5.0
_PROGRAM: Final = "lictor.guardrails.policy.trial"


def try_out_apart(bundle: Bundle, *, patience: float = 1.0, limit: float = _LIMIT) -> None:
    """Raise PolicyError unless the bundle compiles, denies by default and answers every sample within its budget.

    `limit` is in seconds, for all of it: a rule that would never end is told by that. `patience` multiplies the budget
    of each question.
    """
    given = {
        "modules": [{"path": each.path, "text": each.text, "user": each.user} for each in bundle.modules],
        "data": bundle.data,
        "revision": bundle.revision,
        "patience": patience,
    }
    try:
        # S603: the program is this Python, and what it is told comes by its input.
        told = subprocess.run(  # noqa: S603
            [sys.executable, "-m", _PROGRAM],
            input=json.dumps(given, default=str),
            capture_output=True,
            text=True,
            timeout=limit,
            check=True,
        )
        error = str(json.loads(told.stdout)["error"])
    except subprocess.TimeoutExpired:
        users = ", ".join(each.path for each in bundle.modules if each.user) or "the built-in rules"
        raise PolicyError(
            f"{users}: a question was not answered within {limit:g} s: look for loops within loops"
        ) from None
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as failure:
        raise PolicyError(f"the policy could not be tried out: {failure}") from None
    if error:
        raise PolicyError(error)
