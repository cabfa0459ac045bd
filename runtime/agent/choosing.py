"""How a prompt agent learns what it may do and takes one step."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from lictor.protocols.errors import Refused
from lictor.protocols.mcp.client import ToolDescription
from lictor.runtime.agent.answer import passages_of
from lictor.runtime.agent.calls import Calls
from lictor.runtime.agent.failures import CallFailed
from lictor.runtime.agent.steps import ANSWER, Action, Choice, ChoiceKind, Outcome, Step
from lictor.runtime.definition.plan import AgentPlan, Permit

_LONGEST_OBSERVATION = 4000


async def list_choices(
    plan: AgentPlan, delegates: Mapping[str, str], calls: Calls
) -> tuple[tuple[Choice, ...], list[Step]]:
    """Return what the agent may do, tools first, and a step for every server that could not be listed."""
    tools: list[ToolDescription] = []
    missing: list[Step] = []
    for use in plan.tools:
        try:
            listed = await calls.tools(use.tool)
        except Refused as refused:
            missing.append(_missing(use.tool, Outcome.REFUSED, refused_sentence(short(use.tool), refused)))
        except CallFailed as failed:
            missing.append(_missing(use.tool, Outcome.FAILED, str(failed)))
        else:
            tools.extend(tool for tool in listed if is_offered(use.permit, tool.name))
    return name_choices(tools, {name: delegates.get(name, "") for name in plan.delegates}), missing


def is_offered(permit: Permit, tool: str) -> bool:
    """Tell whether a tool is worth showing to the agent. The enforcer decides; this only saves hopeless calls."""
    if any(fnmatchcase(tool, glob) for glob in permit.deny):
        return False
    named = (*permit.allow, *permit.ask)
    return not named or any(fnmatchcase(tool, glob) for glob in named)


def name_choices(tools: Sequence[ToolDescription], delegates: Mapping[str, str]) -> tuple[Choice, ...]:
    """Return one choice for each tool and delegate; a name that is taken is written `server/tool`."""
    names = [tool.name for tool in tools]
    taken = {ANSWER, *delegates, *(name for name in names if names.count(name) > 1)}
    return (
        *(
            Choice(
                name=f"{short(tool.server)}/{tool.name}" if tool.name in taken else tool.name,
                kind=ChoiceKind.TOOL,
                target=tool.server,
                tool=tool.name,
                description=tool.description,
                schema=tool.schema,
            )
            for tool in tools
        ),
        *(
            Choice(f"agent/{name}" if name == ANSWER else name, ChoiceKind.AGENT, name, description=description)
            for name, description in delegates.items()
        ),
    )


async def take(action: Action, calls: Calls) -> Step:
    """Do one action. A refusal or a failure is what the agent then knows, not an error."""
    choice = action.choice
    try:
        if choice.kind is ChoiceKind.AGENT:
            reply = await calls.delegate(choice.target, str(action.arguments.get("text", "")))
            return Step(action, reply.text, citations=reply.citations, model=reply.model)
        result = await calls.call_tool(choice.target, choice.tool, action.arguments)
    except Refused as refused:
        return Step(action, refused_sentence(choice.name, refused), Outcome.REFUSED)
    except CallFailed as failed:
        return Step(action, str(failed), Outcome.FAILED)
    text = result.text[:_LONGEST_OBSERVATION]
    if result.is_error:
        return Step(action, f"{choice.name} failed: {text}", Outcome.FAILED)
    return Step(action, text, citations=passages_of(result.structured))


def refused_sentence(name: str, refused: Refused) -> str:
    """Return what an agent is told of a refusal."""
    refusal = refused.refusal
    place = f" ({refusal.file}:{refusal.line})" if refusal.line else ""
    return f"{name} was refused: {refusal.reason}{place}"


def short(principal: str) -> str:
    """Return a principal's name without the prefix that tells its role."""
    return principal.removeprefix("tool-")


def _missing(server: str, outcome: Outcome, said: str) -> Step:
    return Step(Action(Choice(f"listing {short(server)}", ChoiceKind.TOOL, server), {}), said, outcome)
