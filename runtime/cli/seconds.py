"""Durations on the command line: `500ms`, `30s`, `5m`, `2h`."""

from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.definition.units import parse_duration


def read_seconds(text: str) -> float:
    """Return a duration in seconds; raises Quit on anything else."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise Quit(Exit.USAGE, f"{text!r}: {error}") from None
