"""The repository as the layout tests see it: its root, its files, its modules."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("runtime", "protocols", "guardrails", "agents", "policies")
"""The folders that are importable as `lictor.<name>`."""


@cache
def files() -> tuple[Path, ...]:
    """Return every file that is, or would be, under version control, relative to the root."""
    told = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = (Path(name) for name in told.stdout.decode().split("\0") if name)
    return tuple(sorted(name for name in names if (ROOT / name).is_file() and not (ROOT / name).is_symlink()))


def modules() -> tuple[Path, ...]:
    """Return the Python modules of the product, relative to the root."""
    return tuple(name for name in files() if name.parts[0] in FOLDERS and name.suffix == ".py")


def pages() -> tuple[Path, ...]:
    """Return the Markdown pages for readers of the repository: not those that an example's agents read."""
    return tuple(name for name in files() if name.suffix == ".md" and "handbook" not in name.parts)


def text(name: Path) -> str:
    """Return the text of a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")
