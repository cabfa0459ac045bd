"""One question to one agent over the bus, and how it can end."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lictor.protocols.a2a.reading import Outcome, read_answer
from lictor.protocols.a2a.writing import send_message
from lictor.protocols.errors import (
    DeadlineExceeded,
    MeshUnavailable,
    ProtocolError,
    Refusal,
    Refused,
    TargetLost,
)
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import new_id
from lictor.protocols.mesh import Mesh, Thread
from lictor.protocols.patience import Patience
from lictor.protocols.subjects import Kind
from lictor.runtime.agent.assignment import give_up_at
from lictor.runtime.cli.quit import Exit, Quit


@dataclass(frozen=True, slots=True)
class Ending:
    """How a question ended."""

    exit_code: Exit
    state: str
    """`completed`, `failed`, `refused`, `late`, `unreachable`; else the A2A task state."""
    outcome: Outcome = field(default_factory=Outcome)
    reason: str = ""
    """One sentence, when there is no answer."""
    refusal: Refusal | None = None


async def ask(
    mesh: Mesh,
    agent: str,
    text: str,
    *,
    task: str,
    context: str = "",
    seconds: float = 120.0,
    on_held: Callable[[HeldNotice], None] = lambda _notice: None,
) -> Ending:
    """Ask an agent and return how it ended; never raises for what the far side does.

    `seconds` do not run while a person is asked about something in the task; `on_held` is told then, and afterwards.
    """
    body = send_message(text, context=context, identifier=new_id())
    started = time.time()
    patience = Patience(give_up_at(started, started + seconds))

    def listen(thread: Thread, notice: HeldNotice) -> None:
        if thread.task == task:
            patience.heed(notice, time.time())
            on_held(notice)

    end = mesh.on_held(listen)
    try:
        answer = await mesh.request(Kind.A2A, agent, body, timeout=seconds, thread=Thread(task=task, context=context))
        ending = _read(agent, read_answer(answer.body))
        late = time.time() >= patience.end
        return _late(agent, ending, seconds) if late and ending.state == "failed" else ending
    except ProtocolError as error:
        return _failed(agent, error, seconds)
    finally:
        end()


def quit_unless_done(task: str, ending: Ending) -> None:
    """Raise Quit with the ending's exit code, its place and what to do next; nothing when the task is done."""
    if ending.exit_code is Exit.DONE:
        return
    refusal = ending.refusal
    if refusal is None:
        raise Quit(ending.exit_code, ending.reason, hint=f"lictor tasks show {task}")
    raise Quit(
        ending.exit_code,
        ending.reason,
        file=refusal.file,
        line=refusal.line,
        message_id=refusal.message,
        hint=f"lictor policy explain {refusal.message}",
    )


def _read(agent: str, outcome: Outcome) -> Ending:
    if outcome.code:
        return Ending(Exit.NO, "failed", outcome, f"{agent} answered with an error: {outcome.error}")
    if outcome.state == "completed":
        return Ending(Exit.DONE, "completed", outcome)
    reason = outcome.text or f"the task of {agent} ended as {outcome.state or 'unknown'}"
    return Ending(Exit.NO, outcome.state or "failed", outcome, reason)


def _late(agent: str, ending: Ending, seconds: float) -> Ending:
    """Return what an agent's failure means that comes when its time is over: it gives up a little before its caller."""
    reason = f"{agent} did not answer within {seconds:g} s: {ending.reason}"
    return Ending(Exit.LATE, "late", ending.outcome, reason)


def _failed(agent: str, error: ProtocolError, seconds: float) -> Ending:
    match error:
        case Refused():
            return Ending(Exit.REFUSED, "refused", reason=str(error), refusal=error.refusal)
        case DeadlineExceeded():
            return Ending(Exit.LATE, "late", reason=f"{agent} did not answer within {seconds:g} s")
        case TargetLost():
            reason = f"{agent} is not there, or went away before it answered"
            return Ending(Exit.UNREACHABLE, "unreachable", reason=reason)
        case MeshUnavailable():
            reason = str(error) or "the bus was lost before the answer came"
            return Ending(Exit.UNREACHABLE, "unreachable", reason=reason)
    return Ending(Exit.NO, "failed", reason=str(error))
