"""The catalogue: a page for every code that the linter can report; the pages are in `errors.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml

GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "L1": "syntax and shape",
        "L2": "references",
        "L3": "reachability and permits",
        "L4": "Rego",
        "L5": "environment and secrets",
        "L6": "this machine",
    }
)
"""First letters of a code, and what the group is about."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one code means."""

    code: str
    title: str
    meaning: str
    example: str
    """What provokes it: YAML, Rego, or a command."""
    fix: str


def read_pages() -> dict[str, Page]:
    """Return every page by its code, in the order of codes."""
    text = Path(__file__).with_name("errors.yaml").read_text(encoding="utf-8")
    entries = yaml.load(text, Loader=yaml.CSafeLoader)
    return {
        code: Page(code, entry["title"], entry["meaning"], entry.get("example", "").rstrip(), entry["fix"])
        for code, entry in entries.items()
    }
