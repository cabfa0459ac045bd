"""Python tools for tests, each with one fault."""

import sys
import time


def breaks(word: str = "") -> str:
    """Raise; the text of the error is nobody's business."""
    raise RuntimeError(f"the key is xyzzy {word}")


def sleeps() -> str:
    """Never return."""
    while True:
        time.sleep(3600)


def talks(word: str = "hello") -> str:
    """Print to both outputs before it answers."""
    print("Content-Length: 0\r\n\r\n{}", flush=True)  # noqa: T201 -- what it is for
    print("and this", file=sys.stderr, flush=True)  # noqa: T201
    return f"said {word}"


def counts(word: str = "") -> str:
    """Always find the same."""
    return f"nothing new about {word}"


def ends() -> str:
    """End the process in which it runs."""
    sys.stdout.flush()
    sys.exit(7)
