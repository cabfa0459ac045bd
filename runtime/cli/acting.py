"""An operator's act: one call of an operation at the enforcer, and how it can end."""

from collections.abc import Mapping
from typing import Any, Final

from lictor.protocols.errors import DeadlineExceeded, MeshUnavailable, ProtocolError, Refused
from lictor.protocols.identifiers import new_id
from lictor.protocols.mcp.client import call_tool
from lictor.protocols.mesh import Mesh, Thread
from lictor.runtime.cli.quit import Exit, Quit

ENFORCER: Final = "enforcer"
SECONDS: Final = 10.0
"""How long an act may take; the enforcer does it between two messages."""


class ActFailed(Quit):
    """Raised when the enforcer has not done it; `reason_code` is its word for why, e.g. `approval.expired`."""

    def __init__(self, exit_code: Exit, message: str, reason_code: str) -> None:
        super().__init__(exit_code, message)
        self.reason_code = reason_code


async def act(
    mesh: Mesh, operation: str, arguments: Mapping[str, Any], exits: Mapping[str, Exit] | None = None
) -> dict[str, Any]:
    """Call an operation and return its answer.

    Raises ActFailed when the enforcer has not done it, with the exit code that `exits` gives for its word, else NO;
    raises Quit when it was refused or cannot be reached.
    """
    thread = Thread(task=new_id())
    try:
        result = await call_tool(mesh, ENFORCER, operation, arguments, seconds=SECONDS, thread=thread)
    except Refused as error:
        refusal = error.refusal
        raise Quit(
            Exit.NOT_ALLOWED,
            refusal.reason,
            file=refusal.file,
            line=refusal.line,
            message_id=refusal.message,
            hint=f"lictor policy explain {refusal.message}",
        ) from None
    except DeadlineExceeded:
        raise Quit(Exit.LATE, f"the enforcer did not answer within {SECONDS:g} s") from None
    except MeshUnavailable as error:
        raise Quit(Exit.UNREACHABLE, str(error) or "the bus was lost before the answer came") from None
    except ProtocolError as error:
        raise Quit(Exit.NO, f"the enforcer's answer cannot be used: {error}") from None
    if not result.is_error:
        return dict(result.structured)
    told = result.structured.get("error")
    code, message = (told.get("code", ""), told.get("message", "")) if isinstance(told, Mapping) else ("", result.text)
    raise ActFailed((exits or {}).get(code, Exit.NO), message, code)
