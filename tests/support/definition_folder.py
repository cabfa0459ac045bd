"""A folder with the files of a team, and what the linter says of it."""

from collections.abc import Mapping
from pathlib import Path

from lictor.runtime.definition.load import Loaded, load_plan
from lictor.runtime.definition.plan import Plan
from lictor.runtime.definition.render import render_problems


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files; folders are made, a name that ends with a slash is an empty folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(text.encode())


def load(folder: Path, yaml: str, files: Mapping[str, str] | None = None, **environ: str) -> Loaded:
    """Load `team.yaml` with this text; the built-in model's package counts as installed."""
    write(folder, {"team.yaml": yaml, **(files or {})})
    return load_plan(Path("team.yaml"), environ=environ, cwd=folder, installed=lambda _: True)


def plan_of(folder: Path, yaml: str, files: Mapping[str, str] | None = None, **environ: str) -> Plan:
    """Return the plan; fails with the rendered problems when there is none."""
    loaded = load(folder, yaml, files, **environ)
    assert loaded.plan is not None, render_problems(loaded.problems, loaded.sources)
    return loaded.plan


def codes(loaded: Loaded) -> list[str]:
    """Return `code line:column` of every problem in order."""
    return [f"{item.code} {item.span.line}:{item.span.column}" for item in loaded.problems]


def rendered(loaded: Loaded) -> str:
    """Return what a person sees."""
    return render_problems(loaded.problems, loaded.sources)
