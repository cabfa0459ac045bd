"""The bundle: the Rego modules that decide, the team's data beside them, and a revision over both."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lictor.guardrails.policy.engine import PolicyError

_FEATURE: Final = re.compile(r"^# +feature: ([a-z_]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Module:
    """One Rego file."""

    path: str
    """As it is shown in verdicts: relative to the bundle or to the project."""
    text: str
    user: bool = False
    """Whether it is the user's own: then it may only add denials."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything an engine needs to decide."""

    modules: tuple[Module, ...]
    data: Mapping[str, Any]
    """The whole data document: `{"lictor": {"team": …}}`."""
    revision: str


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: cannot be read: {error}") from None


def _is_used(text: str, team: Mapping[str, Any]) -> bool:
    feature = _FEATURE.search(text)
    return feature is None or "features" not in team or feature[1] in team["features"]


def built_in_folder() -> Path:
    """Return the folder of the policies that ship with Lictor."""
    return Path(__file__).resolve().parents[2] / "policies"


def built_in_modules(folder: Path | None = None) -> tuple[Module, ...]:
    """Read the policies that ship with Lictor, without their tests (`*_test.rego`).

    Raises PolicyError when a file cannot be read or there is no module at all.
    """
    root = folder or built_in_folder()
    modules = tuple(
        Module(f"lictor/policies/{path.relative_to(root)}", _read(path))
        for path in sorted(root.rglob("*.rego"))
        if not path.name.endswith("_test.rego")
    )
    if not modules:
        raise PolicyError(f"{root}: there is no policy here, so nothing may pass")
    return modules


def user_modules(files: Iterable[Path]) -> tuple[Module, ...]:
    """Read Rego files of the user's; raises PolicyError for one that cannot be read."""
    return tuple(Module(str(path), _read(path), user=True) for path in files)


def load_bundle(team: Mapping[str, Any], user_files: Iterable[Path] = (), folder: Path | None = None) -> Bundle:
    """Read the built-in modules and the user's; tests (`*_test.rego`) are left out.

    `team` becomes `data.lictor.team`. Raises PolicyError when a file cannot be read or there is no module at all.
    """
    return compose_bundle(team, (*built_in_modules(folder), *user_modules(user_files)))


def compose_bundle(team: Mapping[str, Any], modules: Iterable[Module]) -> Bundle:
    """Return the bundle of modules and a team's data; raises PolicyError for a path that is given twice.

    A built-in module whose METADATA names a `feature` that the team does not use is left out: it would say nothing, and
    what it reads would count for the decision cache.
    """
    modules = tuple(module for module in modules if module.user or _is_used(module.text, team))
    paths = [module.path for module in modules]
    for path in paths:
        if paths.count(path) > 1:
            raise PolicyError(f"{path}: this policy file is given twice")
    data = {"lictor": {"team": dict(team)}}
    digest = hashlib.sha256()
    for module in modules:
        digest.update(f"{module.path}\0{len(module.text)}\0{module.text}".encode())
    digest.update(json.dumps(data, sort_keys=True, default=str).encode())
    return Bundle(modules, data, digest.hexdigest()[:12])
