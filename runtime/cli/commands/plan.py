"""`lictor plan`: show what a team's YAML compiles to, so that nothing is magic."""

import os
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import yaml

from lictor.runtime.cli.definition_file import DEFAULT, require_file
from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.quit import Exit
from lictor.runtime.cli.screen import print_document
from lictor.runtime.definition.load import load_plan
from lictor.runtime.definition.outline import outline_plan
from lictor.runtime.definition.render import render_problems

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_FORMATS: Final = ("text", "yaml", "json")


@app.command()
def plan(
    file: Annotated[Path, typer.Argument(help="The root file.")] = DEFAULT,
    output: Annotated[str, typer.Option("--output", "-o", help="text, yaml or json")] = "text",
) -> None:
    """Show for every agent its subjects, edges, tools and limits, and the lines they come from; never a secret.

    Example: lictor plan examples/desk/desk.yaml -o yaml
    """
    require_form(output, _FORMATS)
    require_file(file)
    loaded = load_plan(file, environ=os.environ, cwd=Path.cwd())
    typer.echo(render_problems(loaded.problems, loaded.sources), err=True, nl=False)
    if loaded.plan is None:
        raise typer.Exit(Exit.NO)
    document = outline_plan(loaded.plan)
    match output:
        case "json":
            print_document(document)
        case "yaml":
            typer.echo(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120), nl=False)
        case _:
            typer.echo("\n".join(_lines(document)))


def _lines(document: dict[str, Any]) -> list[str]:
    lines = [f"team     nats {document['nats']} ; store {document['store']}"]
    limits = document["limits"]
    lines.append(f"limits   {limits['max_hops']} hops ; {limits['rate']} messages of one principal")
    lines += [f"policy   {policy}" for policy in document["policies"]]
    for agent in document["agents"]:
        lines += ["", f"agent {agent['name']}{'  (gets the task)' if agent['name'] == document['entry'] else ''}"]
        lines += [f"  {label:<9}{text}" for label, text in _agent(agent)]
    for tool in document["tools"]:
        what = " ".join(tool.get("command", [])) or tool.get("url") or _source(tool)
        lines += ["", f"tool {tool['name']}", f"  {tool['kind']:<10} {what}", f"  {'lines':<10} {tool['lines']}"]
    for model in document["models"]:
        what = model.get("gguf") or model.get("url") or model["name"]
        lines += ["", f"model {model['name']}  ({model['principal']})", f"  {model['backend']:<10} {what}"]
    return lines


def _source(tool: dict[str, Any]) -> str:
    return f"{tool.get('source', '')}{':' + tool['function'] if tool.get('function') else ''}"


def _agent(agent: dict[str, Any]) -> list[tuple[str, str]]:
    name = agent["name"]
    nats = agent["nats"]
    out = [f"{name}→{target}" for target in agent["delegates"]]
    into = [f"{sender}→{name}" for sender in agent["delegated_by"]]
    back = [f"{name}→{sender}" for sender in agent["delegated_by"]]
    rows = [
        ("runs", agent["runs"].get("graph") or f"prompt, route {agent['runs']['route']}"),
        ("nats", f"pub {', '.join(nats['publishes'])} ; sub {', '.join(nats['subscribes'])} ; deny all else"),
        ("policy", f"edges {{{', '.join([*into, *out])}}} ; replies {{{', '.join(back)}}}"),
        *(("tools", _use(use)) for use in agent["tools"]),
        ("models", ", then ".join(agent["models"])),
        ("budget", ", ".join(f"{key} {value}" for key, value in agent["budget"].items())),
        (
            "restart",
            f"{agent['supervise']['restart']}, {agent['supervise']['intensity']}, {agent['supervise']['backoff']}",
        ),
        ("timeout", f"{agent['timeout']}, {agent['retries']} retries"),
        ("exposed", ", ".join(agent["exposed"]) or "no"),
    ]
    if agent["output"]:
        rows.append(("output", "must satisfy its JSON Schema"))
    return [*rows, ("lines", agent["lines"])]


def _use(use: dict[str, Any]) -> str:
    named = [f"{glob} {verdict}" for verdict in ("allow", "ask", "deny") for glob in use[verdict]]
    rest = {"allow": "all others allow", "read-only": "read-only ones allow, all others ask"}
    other = rest.get(use["otherwise"], f"all others {use['otherwise']}")
    told = ", ".join([*named, other]) if named else other.replace("all others allow", "all allow")
    return f"{use['tool']} {{{told}}}   {use['lines']}"
