"""`lictor agents`: the agents of the running team, and what each may do."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from lictor.runtime.cli.listing import Columns, print_items, require_form
from lictor.runtime.cli.noun import HINT, Noun
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.reading import read_plan
from lictor.runtime.cli.screen import data, print_document
from lictor.runtime.cli.state import PartState, StateFolder, TeamState
from lictor.runtime.definition.plan import AgentPlan, Plan

app = typer.Typer(
    cls=Noun,
    add_completion=False,
    rich_markup_mode=None,
    help=f"The agents of the team that runs here. {HINT}: lictor agents list --help",
)

_Output = Annotated[str, typer.Option("--output", "-o", help="table, json, jsonl or name")]
_COLUMNS: Final[Columns] = (
    ("AGENT", lambda item: item["name"]),
    ("STATE", lambda item: item["state"]),
    ("RESTARTS", lambda item: item["restarts"]),
    ("DELEGATES", lambda item: ", ".join(item["delegates"]) or "-"),
    ("TOOLS", lambda item: ", ".join(tool["tool"] for tool in item["tools"]) or "-"),
    ("MODEL", lambda item: ", ".join(item["models"]) or "-"),
)


@app.command("list")
def list_agents(output: _Output = "table") -> None:
    """List the agents, how they are and what they may reach."""
    require_form(output)
    state, plan = _read()
    rows = [_describe(agent, state) for agent in plan.agents]
    print_items("AgentList", rows, _COLUMNS, output, name="name")


@app.command()
def show(name: str, output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text") -> None:
    """Show one agent: what it may do, and the line that says so."""
    require_form(output, ("text", "table", "json"))
    state, plan = _read()
    agent = next((each for each in plan.agents if each.name == name), None)
    if agent is None:
        names = ", ".join(each.name for each in plan.agents)
        raise Quit(Exit.NO, f"the team has no agent {name!r}", hint=f"its agents are: {names}")
    row = _describe(agent, state)
    if output == "json":
        print_document({"apiVersion": "lictor/v1", "kind": "Agent", **row})
        return
    screen = data()
    screen.print(f"{name}  {row['state']}  pid {row['pid'] or '-'}  restarts {row['restarts']}", markup=False)
    screen.print(f"  {agent.description}", markup=False)
    screen.print(f"  defined at   {row['file']}:{row['line']}", markup=False)
    screen.print(f"  may message  {', '.join(agent.delegates) or 'nobody'}", markup=False)
    screen.print(f"  models       {', '.join(agent.models) or 'none'}", markup=False)
    for tool in row["tools"]:
        permit = "  ".join(f"{word}: {', '.join(tool[word])}" for word in ("allow", "ask", "deny") if tool[word])
        screen.print(f"  tool         {tool['tool']}  {permit}  ({tool['file']}:{tool['line']})", markup=False)
    if row["reason"]:
        screen.print(f"  last end     {row['reason']}", markup=False)


def _read() -> tuple[TeamState, Plan]:
    state = StateFolder(Path.cwd()).read()
    return state, read_plan(Path(state.file))


def _describe(agent: AgentPlan, state: TeamState) -> dict[str, Any]:
    absent = PartState(agent.name, "agent", "absent", 0, 0, "", 0.0)
    part = next((each for each in state.parts if each.name == agent.name), absent)
    return {
        "name": agent.name,
        "description": agent.description,
        "state": part.state,
        "pid": part.pid,
        "restarts": part.restarts,
        "reason": part.reason,
        "delegates": list(agent.delegates),
        "models": list(agent.models),
        "tools": [
            {
                "tool": use.tool,
                "allow": list(use.permit.allow),
                "ask": list(use.permit.ask),
                "deny": list(use.permit.deny),
                "file": use.place.file,
                "line": use.place.line,
            }
            for use in agent.tools
        ],
        "expose": list(agent.expose),
        "file": agent.place.file,
        "line": agent.place.line,
    }
