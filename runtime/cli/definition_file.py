"""The root file that a command is given."""

from pathlib import Path
from typing import Final

from lictor.runtime.cli.quit import Exit, Quit

DEFAULT: Final = Path("lictor.yaml")


def require_file(root: Path) -> None:
    """Raise Quit when there is no such file."""
    if root.is_dir():
        raise Quit(Exit.USAGE, f"{root} is a folder", hint=f"name the file in it, e.g. {root / DEFAULT}")
    if not root.exists():
        hint = "name the team's YAML, or write one with: lictor new"
        raise Quit(Exit.USAGE, f"there is no file {root}", hint=hint)
