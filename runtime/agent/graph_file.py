"""Loading `graph: file.py:name`: the user's own LangGraph."""

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from langgraph.graph import StateGraph
from langgraph.pregel import Pregel

from lictor.runtime.agent.failures import InvalidGraph

Graph = Pregel[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class GraphFile:
    """A graph that was found: one for all tasks, or a function that makes one for each."""

    path: Path
    graph: Graph | None
    factory: Callable[[Any], Any] | None = None

    def graph_for(self, context: object) -> Graph:
        """Return the graph of one task; raises InvalidGraph when its factory returns none."""
        if self.graph is not None:
            return self.graph
        made = self.factory(context) if self.factory is not None else None
        graph = _compiled(made)
        if graph is None:
            raise InvalidGraph(f"{self.path.name}: the factory returned {type(made).__name__}, not a LangGraph graph")
        return graph


def load_graph(reference: str, folder: Path) -> GraphFile:
    """Import the file and return its graph; `folder` is where a relative path begins.

    The file's own folder is put on `sys.path`, so that it may import what lies beside it. Raises InvalidGraph with
    file and line.
    """
    place, _, name = reference.rpartition(":")
    path = (folder / place).resolve()
    if not path.is_file():
        raise InvalidGraph(f"{place or reference}: there is no such file; write `graph: file.py:name`")
    module = import_file(path)
    if not hasattr(module, name):
        raise InvalidGraph(
            f"{place}: it defines no {name!r}; `graph:` names a StateGraph, a compiled graph or a function"
        )
    found = getattr(module, name)
    graph = _compile(found, path)
    if graph is not None:
        return GraphFile(path, graph)
    if not callable(found):
        raise InvalidGraph(f"{place}: {name!r} is a {type(found).__name__}, not a LangGraph graph")
    if _takes_context(found):
        return GraphFile(path, None, found)
    made = guarded(path, found)
    graph = _compile(made, path)
    if graph is None:
        raise InvalidGraph(f"{place}: {name}() returned a {type(made).__name__}, not a LangGraph graph")
    return GraphFile(path, graph)


def line_in(path: Path, error: BaseException) -> int:
    """Return the last line of the file that an error came through; 0 when it came through none."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 0
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return (lines[-1] or 0) if lines else 0


def import_file(path: Path) -> ModuleType:
    """Run a file of the user's as a module of its own; raises InvalidGraph with file and line."""
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(f"lictor_graph_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InvalidGraph(f"{path.name}: it is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and typing look a class's module up by name
    guarded(path, lambda: spec.loader.exec_module(module))  # type: ignore[union-attr]  # checked above
    return module


def guarded(path: Path, act: Callable[[], Any]) -> Any:  # noqa: ANN401 -- whatever the user's code returns
    """Do something with the user's code; what it raises becomes InvalidGraph with file and line."""
    try:
        return act()
    except InvalidGraph:
        raise
    except Exception as error:
        line = line_in(path, error)
        place = f"{path.name}:{line}" if line else path.name
        raise InvalidGraph(f"{place}: {type(error).__name__}: {error}") from error


def _compile(found: object, path: Path) -> Graph | None:
    graph: Graph | None = guarded(path, lambda: _compiled(found))
    return graph


def _compiled(found: object) -> Graph | None:
    if isinstance(found, StateGraph):
        return found.compile()
    return found if isinstance(found, Pregel) else None


def _takes_context(factory: Callable[..., Any]) -> bool:
    required = [
        each
        for each in inspect.signature(factory).parameters.values()
        if each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    return len(required) == 1
