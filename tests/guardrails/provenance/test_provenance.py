"""What has flowed to whom."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.action import Action
from lictor.guardrails.judged import Judged
from lictor.guardrails.labels import Mark
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.provenance.nature import read_natures
from lictor.guardrails.provenance.provenance import Provenance
from lictor.guardrails.verdict import denial
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

TEAM: dict[str, Any] = {
    "agents": {
        "chief": {"isolated": True, "emits": [], "file": "t.yaml", "line": 1},
        "clerk": {"isolated": True, "emits": [], "file": "t.yaml", "line": 2},
        "coder": {"isolated": False, "emits": ["press"], "file": "t.yaml", "line": 3},
    },
    "tools": {
        "tool-web": {"kind": "mcp-http", "labels": [], "remote": True, "file": "t.yaml", "line": 4},
        "tool-files": {"kind": "mcp-stdio", "labels": [], "remote": False, "file": "t.yaml", "line": 5},
        "tool-docs": {"kind": "rag", "labels": ["internal"], "remote": False, "file": "t.yaml", "line": 6},
        "tool-code": {"kind": "python", "labels": [], "remote": False, "file": "t.yaml", "line": 7},
    },
    "models": {"model-small": {"remote": False}, "model-cloud": {"remote": True, "file": "t.yaml", "line": 8}},
    "permits": {},
}


class Team:
    """Delivers messages and tells their words."""

    def __init__(self, *, restored: bool = True, most: int = 100) -> None:
        self.state = Provenance(read_natures(TEAM), lambda _server, tool: tool == "read", restored=restored, most=most)
        self.count = 0

    def send(self, sender: str, target: str, tool: str = "", task: str = "t1") -> tuple[Envelope, Mark]:
        self.count += 1
        kind = Kind.MCP if target.startswith("tool-") else Kind.MODEL if target.startswith("model-") else Kind.A2A
        envelope = Envelope(f"m{self.count}", sender, target, kind, b"", task=task)
        mark = self.state.of(envelope)
        self.state.delivered(envelope, mark, Action("tools/call", tool) if kind is Kind.MCP else Action())
        return envelope, mark

    def answer(self, request: Envelope) -> Mark:
        self.count += 1
        envelope = Envelope(
            f"m{self.count}",
            request.target,
            request.sender,
            Kind.REPLY,
            b"",
            in_reply_to=request.id,
            request_kind=request.kind,
            task=request.task,
        )
        mark = self.state.of(envelope, request)
        self.state.delivered(envelope, mark, Action())
        return mark

    def use(self, sender: str, target: str, tool: str = "read", task: str = "t1") -> Mark:
        return self.answer(self.send(sender, target, tool, task)[0])

    def words(self, sender: str, task: str = "t1") -> set[str]:
        return set(self.state.mark_of(task, sender).labels.words())


def test_operators_are_trusted_and_outside_callers_are_not() -> None:
    team = Team()

    assert team.send("op-cli", "chief")[1].labels.words() == ()
    envelope, mark = team.send("ext-web", "clerk", task="t2")
    assert mark.causes == (("untrusted", envelope.id),)
    assert team.words("clerk", "t2") == {"untrusted"}


def test_labels_go_with_the_data_and_name_the_message_that_brought_them() -> None:
    team = Team()
    team.send("op-cli", "chief")
    assert team.use("chief", "tool-web").causes == (("untrusted", "principal tool-web t.yaml:4"),)
    _, mark = team.send("chief", "clerk")

    assert mark.labels.words() == ("untrusted",)
    assert mark.causes == (("untrusted", "m3"),)
    assert mark.labels.sources == {"op-cli", "tool-web", "chief"}
    team.use("clerk", "tool-docs")
    assert team.words("clerk") == {"untrusted", "internal"}
    assert team.words("chief") == {"untrusted"}


def test_an_answer_of_an_agent_carries_what_it_read() -> None:
    team = Team()
    team.send("op-cli", "chief")
    request, _ = team.send("chief", "clerk")
    team.use("clerk", "tool-web")

    assert team.answer(request).labels.untrusted
    assert team.words("chief") == {"untrusted"}


def test_a_model_keeps_nothing_and_a_remote_one_is_not_trusted() -> None:
    team = Team()
    team.send("op-cli", "chief")
    team.send("op-cli", "clerk", task="t2")
    team.use("chief", "tool-docs")

    assert team.use("chief", "model-small").labels.words() == ("internal",)
    assert team.use("clerk", "model-small", task="t2").labels.words() == ()
    assert team.use("clerk", "model-cloud", task="t2").labels.words() == ("untrusted",)


def test_tasks_of_an_isolated_agent_do_not_mix_and_those_of_others_do() -> None:
    team = Team()
    for task in ("t1", "t2"):
        team.send("op-cli", "chief", task=task)
        team.send("op-cli", "coder", task=task)
    team.use("chief", "tool-web", task="t1")
    team.use("coder", "tool-web", task="t1")

    assert team.words("chief", "t2") == set()
    assert team.words("coder", "t2") == {"untrusted", "press"}
    team.state.forget_instance("coder")
    assert team.words("coder", "t2") == {"press"}
    assert team.words("coder", "t1") == {"untrusted", "press"}


def test_what_was_written_into_a_tool_comes_out_of_it_in_other_tasks() -> None:
    team = Team()
    for task in ("t1", "t2"):
        team.send("op-cli", "chief", task=task)
    team.use("chief", "tool-web", task="t1")
    team.use("chief", "tool-files", "read", task="t1")
    assert team.use("chief", "tool-files", "read", task="t2").labels.words() == ()

    team.send("chief", "tool-files", "write", task="t1")
    mark = team.use("chief", "tool-files", "read", task="t2")
    assert mark.labels.words() == ("untrusted",)
    assert mark.causes == (("untrusted", "m4"),)


def test_a_folder_that_is_searched_keeps_nothing_and_code_of_the_team_keeps_everything() -> None:
    team = Team()
    for task in ("t1", "t2"):
        team.send("op-cli", "chief", task=task)
    team.use("chief", "tool-web", task="t1")
    team.send("chief", "tool-docs", "search", task="t1")
    team.send("chief", "tool-code", "read", task="t1")

    assert team.use("chief", "tool-docs", task="t2").labels.words() == ("internal",)
    assert team.use("chief", "tool-code", task="t2").labels.untrusted


def test_what_is_not_restored_is_not_known() -> None:
    team = Team(restored=False)
    team.send("op-cli", "chief")
    team.send("op-cli", "coder")

    assert team.words("chief") == set()
    assert team.words("coder") == {"secret", "untrusted", "press", "*"}
    assert "*" in team.use("chief", "tool-files").labels.tags
    team.state.restore(())
    assert team.words("coder") == {"press"}


def test_marks_outlive_the_enforcer() -> None:
    before = Team()
    before.send("op-cli", "chief")
    before.use("chief", "tool-web")
    before.send("chief", "tool-files", "write")
    before.send("chief", "coder")
    changes = before.state.changes()
    assert [entry.owner for entry in changes] == ["store:tool-web", "store:tool-files", "instance:coder"][
        -len(changes) :
    ]
    assert before.state.changes() == ()

    after = Team(restored=False)
    after.state.restore(changes[:1])
    after.state.restore(changes[1:])
    after.send("op-cli", "chief", task="t9")
    after.send("op-cli", "coder", task="t9")
    assert after.use("chief", "tool-files", task="t9").labels.untrusted
    assert after.words("coder", "t9") == {"untrusted", "press"}


def test_forgetting_never_lowers() -> None:
    team = Team(most=1)
    team.send("op-cli", "chief", task="t1")
    team.use("chief", "tool-docs", task="t1")
    team.send("op-cli", "chief", task="t2")
    assert team.words("chief", "t1") == {"secret", "untrusted", "*"}
    team.send("op-cli", "chief", task="t1")

    assert team.words("chief", "t1") == {"secret", "untrusted", "*"}


def test_an_agent_that_was_told_nothing_of_a_task_has_the_highest_mark() -> None:
    team = Team()
    team.send("op-cli", "chief")

    assert team.words("clerk") == {"secret", "untrusted", "*"}
    assert team.words("clerk", "t9") == {"secret", "untrusted", "*"}


def test_what_is_not_delivered_raises_nothing() -> None:
    team = Team()
    team.send("op-cli", "chief")
    envelope = Envelope("x", "tool-web", "chief", Kind.REPLY, b"", task="t1")
    mark = team.state.mark_of("t9", "clerk")
    team.state.witness(Judged(envelope, Circumstances(0.0, Action(), None, mark), denial("flow", "x", "x")))

    assert team.words("chief") == set()


def test_a_listing_of_tools_is_no_data() -> None:
    team = Team()
    team.send("op-cli", "chief")
    envelope = Envelope("l", "chief", "tool-web", Kind.MCP, b"", task="t1")
    team.state.delivered(envelope, team.state.of(envelope), Action("tools/list"))

    assert team.answer(envelope).labels.words() == ()
    assert team.words("chief") == set()
    assert team.state.mark_of("t1", "chief").labels.sources == {"op-cli", "chief", "tool-web/list"}


def test_a_listing_of_a_trusted_server_is_no_source() -> None:
    team = Team()
    team.send("op-cli", "chief")
    envelope = Envelope("l", "chief", "tool-files", Kind.MCP, b"", task="t1")
    team.state.delivered(envelope, team.state.of(envelope), Action("tools/list"))

    assert team.answer(envelope).labels.sources == {"op-cli", "chief"}


@pytest.mark.parametrize("method", ["ping", "initialize", "server/discover", "resources/read"])
def test_what_a_server_answers_otherwise_is_data(method: str) -> None:
    team = Team()
    team.send("op-cli", "chief")
    envelope = Envelope("l", "chief", "tool-web", Kind.MCP, b"", task="t1")
    team.state.delivered(envelope, team.state.of(envelope), Action(method))

    assert team.answer(envelope).labels.words() == ("untrusted",)
    assert team.words("chief") == {"untrusted"}


def test_what_is_kept_can_be_shown() -> None:
    team = Team()
    team.send("op-cli", "chief")
    team.use("chief", "tool-web")

    assert set(team.state.marks_of("t1")) == {"chief"}
    assert all(owner.startswith("store:") for owner in team.state.marks())


NAMES = st.sampled_from(["chief", "clerk", "coder"])
TOOLS = st.sampled_from(["tool-web", "tool-files", "tool-docs", "tool-code", "model-small", "model-cloud"])
STEPS = st.lists(
    st.tuples(st.just("say"), NAMES, NAMES, st.just(""))
    | st.tuples(st.just("use"), NAMES, TOOLS, st.sampled_from(["read", "w"])),
    max_size=30,
)


@given(STEPS, st.lists(st.sampled_from(["t1", "t2"]), min_size=30, max_size=30))
def test_marks_only_grow_and_do_not_depend_on_the_run(steps: list[tuple[str, str, str, str]], tasks: list[str]) -> None:
    def run() -> list[Mark]:
        team = Team()
        for task in ("t1", "t2"):
            for name in ("chief", "clerk", "coder"):
                team.send("op-cli", name, task=task)
        seen: list[Mark] = []
        for (verb, sender, target, tool), task in zip(steps, tasks, strict=False):
            before = {name: team.state.mark_of(task, name) for name in ("chief", "clerk", "coder")}
            mark = team.send(sender, target, task=task)[1] if verb == "say" else team.use(sender, target, tool, task)
            for name, earlier in before.items():
                later = team.state.mark_of(task, name)
                assert later.labels == later.labels.join(earlier.labels)
            receiver = target if verb == "say" else sender
            told = team.state.mark_of(task, receiver).labels
            assert told == told.join(mark.labels)
            seen.append(mark)
        return seen

    assert run() == run()
