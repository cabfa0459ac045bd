"""How a command ends early: one sentence, what to do, and an exit code."""

import json
import sys
from enum import IntEnum

from lictor.runtime.cli.printable import indented, printable


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    NO = 1
    """Ran, and the answer is no: an invalid file, a failed task."""
    USAGE = 2
    UNREACHABLE = 3
    """The runtime, or something it needs, cannot be reached or started."""
    NOT_ALLOWED = 4
    LATE = 5
    REFUSED = 6
    """Refused by policy or a guard."""
    INTERRUPTED = 130


class Quit(Exception):
    """Raised by a command to end with a message on stderr, or as JSON on stdout under `-o json`."""

    def __init__(
        self,
        exit_code: Exit,
        message: str,
        *,
        hint: str = "",
        code: str = "",
        file: str = "",
        line: int = 0,
        message_id: str = "",
    ) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message
        self.hint = hint
        """What to do."""
        self.code = code
        """Code of the error catalogue, e.g. `L601`."""
        self.file = file
        self.line = line
        self.message_id = message_id
        """Id of the message that was refused."""


def show(reason: Quit, *, as_json: bool) -> None:
    """Print why a command ended."""
    if as_json:
        told = {
            "code": reason.code,
            "message": reason.message,
            "hint": reason.hint,
            "file": reason.file,
            "line": reason.line,
            "message_id": reason.message_id,
        }
        error = {key: value for key, value in told.items() if value}
        sys.stdout.write(json.dumps({"error": error}, ensure_ascii=False) + "\n")
        return
    place = f"\n  --> {reason.file}:{reason.line}" if reason.file else ""
    code = f"[{reason.code}]" if reason.code else ""
    hint = f"\n  hint: {reason.hint}" if reason.hint else ""
    seen = f"\n  message: {reason.message_id}" if reason.message_id else ""
    # What went wrong may be told in an agent's words: they must not pass for a place or a hint.
    said = indented(reason.message, len("error: "))
    sys.stderr.write(printable(f"error{code}: {said}{place}{seen}{hint}\n"))
