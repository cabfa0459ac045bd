from pathlib import Path

import pytest

from lictor.runtime.agent.failures import InvalidGraph
from lictor.runtime.agent.graph_file import line_in, load_graph

HEAD = "from langgraph.graph import END, START, MessagesState, StateGraph\n"
STATE = (
    HEAD
    + """
def build():
    graph = StateGraph(MessagesState)
    graph.add_node("say", lambda state: {"messages": [("ai", "hello")]})
    graph.add_edge(START, "say")
    graph.add_edge("say", END)
    return graph
"""
)


@pytest.mark.parametrize(
    ("tail", "name"),
    [
        ("graph = build()", "graph"),
        ("graph = build().compile()", "graph"),
        ("", "build"),
        ("def make():\n    return build().compile()", "make"),
        ("def make(lictor):\n    assert lictor == 'task'\n    return build()", "make"),
        ("class Make:\n    def __call__(self, lictor, *, deep=True):\n        return build()\nmake = Make()", "make"),
    ],
)
async def test_a_graph_is_a_state_graph_a_compiled_one_or_a_function(tmp_path: Path, tail: str, name: str) -> None:
    (tmp_path / "mine.py").write_text(STATE + tail)

    graph = load_graph(f"mine.py:{name}", tmp_path).graph_for("task")

    assert (await graph.ainvoke({"messages": []}))["messages"][-1].text == "hello"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\nimport nonsense_that_is_not_there", "mine.py:2: ModuleNotFoundError: No module named"),
        ("x = 1\n\ndef f(:\n", "mine.py:3: SyntaxError"),
        ("1 / 0", "mine.py:1: ZeroDivisionError"),
        ("other = 1", "mine.py: it defines no 'graph'"),
        ("graph = 5", "mine.py: 'graph' is a int, not a LangGraph graph"),
        ("def graph():\n    return 5", "mine.py: graph() returned a int"),
        ("def graph():\n    raise KeyError('k')", "mine.py:2: KeyError"),
        (HEAD + "graph = StateGraph(MessagesState)\ngraph.add_edge('a', 'b')", "mine.py: ValueError"),
    ],
)
def test_what_is_no_graph_is_told_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.py").write_text(text)

    with pytest.raises(InvalidGraph) as invalid:
        load_graph("mine.py:graph", tmp_path)

    assert str(invalid.value).startswith(said)


@pytest.mark.parametrize("reference", ["none.py:graph", "none", "", ":graph"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, reference: str) -> None:
    with pytest.raises(InvalidGraph, match="there is no such file"):
        load_graph(reference, tmp_path)


def test_a_factory_that_makes_no_graph_for_a_task_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def graph(lictor):\n    return None")

    with pytest.raises(InvalidGraph, match="the factory returned NoneType"):
        load_graph("mine.py:graph", tmp_path).graph_for("task")


def test_a_file_may_import_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "beside_the_graph.py").write_text(STATE)
    (tmp_path / "mine.py").write_text("from beside_the_graph import build as graph")

    assert load_graph("mine.py:graph", tmp_path).graph is not None


def test_an_error_that_came_through_no_line_of_the_file_has_none(tmp_path: Path) -> None:
    assert line_in(tmp_path / "mine.py", ValueError()) == 0
