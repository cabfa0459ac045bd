from pathlib import Path

from definition_folder import codes, load, plan_of

from lictor.runtime.definition.plan import ApprovalsPlan, ApproverRule, Place

FILES = {
    "docs/a.md": "# A",
    "plan.py": "def write(prompt, tools): ...\n",
    "send.yaml": "contract: 1\ntools: {send: {}}\n",
}


def test_nothing_said_is_as_built_in(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "agents: {a: {prompt: x}}")
    assert plan.approvals == ApprovalsPlan()
    assert (plan.max_hops, plan.rate) == (12, (50, 1.0))
    assert plan.guards.mode("secrets") == "block"
    assert plan.guards.mode("nothing") == "off"
    agent = plan.agents[0]
    assert agent.guards == plan.guards.entries
    assert (agent.contract, agent.planner, agent.hours, agent.isolated) == (None, "", None, True)


def test_an_agent_is_laid_over_its_file_and_that_over_the_team(tmp_path: Path) -> None:
    text = """\
guards: {pii: redact, repetition: {max: 9}, rate: 2/1s, loops: {max_hops: 4}}
defaults: {guards: {repetition: {near: 3}}, hours: ["08:00-18:00"], clearance: secret}
agents:
  a: {prompt: x, delegates: [b], guards: {repetition: warn}}
  b: {prompt: y, hours: ["09:00-10:00"], clearance: public}
"""
    plan = plan_of(tmp_path, text)
    a, b = plan.agents
    assert (plan.max_hops, plan.rate, plan.guards.mode("pii")) == (4, (2, 1.0), "redact")
    assert (a.guards["repetition"].mode, b.guards["repetition"].mode) == ("warn", "block")
    assert a.guards["repetition"].settings["max"] == b.guards["repetition"].settings["max"] == 9
    assert a.guards["repetition"].settings["near"] == 3
    assert plan.guards.entries["repetition"].settings["near"] == 6
    assert [(agent.clearance, agent.hours and agent.hours.windows[0].start) for agent in (a, b)] == [
        ("secret", 480),
        ("public", 540),
    ]


def test_who_searches_passages_has_its_citations_looked_at(tmp_path: Path) -> None:
    rag = "agents: {a: {prompt: x, tools: [{rag: docs}]}}\n"
    assert plan_of(tmp_path, rag, FILES).agents[0].guards["groundedness"].mode == "warn"
    assert (
        plan_of(tmp_path, f"{rag}guards: {{groundedness: off}}", FILES).agents[0].guards["groundedness"].mode == "off"
    )


def test_a_contract_is_a_file_or_stands_there(tmp_path: Path) -> None:
    text = """\
agents:
  a: {prompt: x, delegates: [b], contract: send.yaml}
  b: {prompt: y, contract: {contract: 1, tools: {}}, planner: 'plan.py:write'}
"""
    a, b = plan_of(tmp_path, text, FILES).agents
    assert a.contract == (tmp_path / "send.yaml").resolve()
    assert b.contract == {"contract": 1, "tools": {}}
    assert b.planner == f"{(tmp_path / 'plan.py').resolve()}:write"


def test_a_contract_or_planner_that_is_not_there(tmp_path: Path) -> None:
    text = "agents: {a: {prompt: x, contract: no.yaml, planner: 'plan.py:nothing'}}"
    assert codes(load(tmp_path, text, FILES)) == ["L203 1:35", "L206 1:53"]


def test_who_may_approve_what(tmp_path: Path) -> None:
    text = """\
agents: {a: {prompt: x}}
approvals:
  timeout: 5m
  by: [op-ana, 'op-night-*']
  most: 3
  people: 2
  tools:
    pay_*: {by: [op-cfo], people: 1}
    'find_*': {timeout: 30s}
"""
    assert plan_of(tmp_path, text).approvals == ApprovalsPlan(
        300.0,
        ("op-ana", "op-night-*"),
        3,
        2,
        (
            ApproverRule("pay_*", ("op-cfo",), 300.0, 1, Place("team.yaml", 8, 5, 8)),
            ApproverRule("find_*", ("op-ana", "op-night-*"), 30.0, 2, Place("team.yaml", 9, 5, 9)),
        ),
        Place("team.yaml", 2, 1, 9),
    )


def test_nobody_may_approve(tmp_path: Path) -> None:
    assert codes(load(tmp_path, "agents: {a: {prompt: x}}\napprovals: {by: [ana]}")) == ["L304 2:17"]
    assert codes(load(tmp_path, "agents: {a: {prompt: x}}\napprovals: {by: [], most: 0}")) == ["L304 2:17", "L103 2:27"]


def test_a_rate_that_is_none(tmp_path: Path) -> None:
    assert codes(load(tmp_path, "agents: {a: {prompt: x}}\nguards: {rate: fast}")) == ["L103 2:16"]


def test_a_tool_that_is_no_glob(tmp_path: Path) -> None:
    text = "agents: {a: {prompt: x}}\napprovals: {tools: {'x[a': {people: 0}}}"
    assert codes(load(tmp_path, text)) == ["L117 2:21", "L103 2:37"]
