"""Keys of the format whose machinery comes with a later release: refused at their place, never silently ignored."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from lictor.runtime.definition.problem import Problem
from lictor.runtime.definition.reader import Document, Path, show_path

_SUPERVISE: Final = ("on_violation", "violations")
_COMING: Final = {
    "a2a": "remote agents come with a later release",
    "budget": "budgets in money, and pausing at a limit, come with a later release",
    "expose": "this door comes with a later release; 'chat' works",
    "isolate": "sandboxes of this kind come with a later release",
    "keep": "models stay loaded in this release; unloading comes with a later one",
    "scale": "more or fewer than one process comes with a later release",
    "skills": "agent cards come with a later release",
    "supervise": "quarantine comes with a later release; restarts work",
    "supervisors": "supervision trees of your own come with a later release; every agent is supervised by itself",
}


def remove_unavailable(document: Document) -> list[Problem]:
    """Take from the document's data what does not work yet, and return a problem for each."""
    found = list(_find(document.data)) if isinstance(document.data, dict) else []
    problems = [
        Problem("L110", _message(path, value), document.span(path, key=not value), _COMING[topic])
        for path, topic, value in found
    ]
    for path, topic, _ in reversed(found):
        _delete(document.data, path[:-1] if topic == "a2a" else path)
    return problems


def _message(path: Path, value: str) -> str:
    inside = path[:-2] if value and isinstance(path[-1], int) else path[:-1]
    where = f" in {show_path(inside)}" if inside else ""
    key = path[-2] if value and isinstance(path[-1], int) else path[-1]
    return f"'{key}: {value}'{where} is not available yet" if value else f"'{key}'{where} is not available yet"


_Finding = tuple[Path, str, str]
"""Path, topic, and the value when only the value is not available."""


def _find(data: dict[str, Any]) -> Iterator[_Finding]:
    if "supervisors" in data:
        yield ("supervisors",), "supervisors", ""
    yield from _each(data, "models", lambda path, _: ((*path, "keep"), "keep"))
    if isinstance(data.get("defaults"), dict):
        yield from _find_agent(data["defaults"], ("defaults",))
    if isinstance(data.get("agents"), dict):
        for name, agent in data["agents"].items():
            if isinstance(agent, dict):
                yield from _find_agent(agent, ("agents", name))


def _each(data: dict[str, Any], section: str, make: Callable[[Path, Any], tuple[Path, str]]) -> Iterator[_Finding]:
    entries = data.get(section)
    if not isinstance(entries, dict):
        return
    for name, entry in entries.items():
        path, topic = make((section, name), entry)
        if isinstance(entry, dict) and path[-1] in entry:
            yield path, topic, ""


def _find_agent(agent: dict[str, Any], path: Path) -> Iterator[_Finding]:
    if "a2a" in agent:
        yield (*path, "a2a"), "a2a", ""
        return
    if "skills" in agent:
        yield (*path, "skills"), "skills", ""
    yield from _find_values(agent, path)
    for key, _ in _entries(agent.get("supervise")):
        if key in _SUPERVISE:
            yield (*path, "supervise", key), "supervise", ""


def _find_values(agent: dict[str, Any], path: Path) -> Iterator[_Finding]:
    """Keys that work, with values that do not."""
    expose = agent.get("expose")
    for index, door in enumerate(expose if isinstance(expose, list) else []):
        if door in ("a2a", "mcp"):
            yield (*path, "expose", index), "expose", str(door)
    for key, value in _entries(agent.get("budget")):
        if key == "usd":
            yield (*path, "budget", key), "budget", ""
        if key == "on_exceed" and value in ("pause", "quarantine"):
            yield (*path, "budget", key), "budget", str(value)
    isolate = agent.get("isolate")
    for key, value in _entries(isolate):
        if key in ("network", "files", "memory"):
            yield (*path, "isolate", key), "isolate", ""
        if key == "kind" and value in ("task", "container"):
            yield (*path, "isolate", key), "isolate", str(value)
    if isolate in ("task", "container"):
        yield (*path, "isolate"), "isolate", str(isolate)
    scale = agent.get("scale")
    if isinstance(scale, dict) or (isinstance(scale, int) and not isinstance(scale, bool) and scale != 1):
        yield (*path, "scale"), "scale", "" if isinstance(scale, dict) else str(scale)


def _entries(value: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 -- YAML is any data
    return list(value.items()) if isinstance(value, dict) else []


def _delete(data: Any, path: Path) -> None:  # noqa: ANN401 -- YAML is any data
    for step in path[:-1]:
        data = data[step]
    if isinstance(data, list) and isinstance(path[-1], int):
        data[path[-1]] = "chat"  # a door that works keeps the places of the others as they are
    else:
        del data[path[-1]]
