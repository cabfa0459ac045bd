"""Durations on the command line."""

import pytest

from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.seconds import read_seconds


def test_units() -> None:
    assert read_seconds("500ms") == 0.5
    assert read_seconds("2m") == 120.0


@pytest.mark.parametrize("text", ["", "5", "5 minutes", "-1s"])
def test_anything_else_is_a_usage_error(text: str) -> None:
    with pytest.raises(Quit, match="a duration is") as end:
        read_seconds(text)
    assert end.value.exit_code is Exit.USAGE
