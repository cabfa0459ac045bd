"""What goes wrong between a principal and the bus. A denial that reaches a caller is `Refused`."""

from dataclasses import dataclass


class ProtocolError(Exception):
    """Root of every error of this package."""


class InvalidName(ProtocolError):
    """Raised when a text is used as a principal's name and is not a legal one."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name[:80]!r} is not a name: use a-z, 0-9 and dashes, a letter first, at most 63 characters")
        self.name = name


class MalformedEnvelope(ProtocolError):
    """Raised when a subject, a header or a body breaks the envelope's grammar or its limits."""


class MeshUnavailable(ProtocolError):
    """Raised when the bus cannot be reached, or was lost before the answer came."""


class NoEnforcer(MeshUnavailable):
    """Raised at once when no enforcer listens: nothing passes."""


class EnforcerLost(MeshUnavailable):
    """Raised when the enforcer that held the request went away before the answer came."""


class TargetLost(ProtocolError):
    """Raised when the target is not there, or went away before it answered."""


class DeadlineExceeded(ProtocolError, TimeoutError):
    """Raised when no answer came before the deadline."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message was not delivered, as the enforcer tells its sender."""

    message: str
    """Id of the message that was refused."""
    layer: str
    """Name of the layer that decided: identify, admit, route, flow, content, behaviour."""
    code: str
    """Stable machine word, e.g. `route.no_edge`."""
    reason: str
    """One sentence for a person."""
    rule: str = ""
    """Rule that decided, e.g. `data.lictor.route.deny`."""
    file: str = ""
    """File of the definition or rule that the reason points to."""
    line: int = 0
    """Line in that file, from 1; 0 when there is none."""
    outcome: str = "deny"
    """`deny`, `hold` or `quarantine`."""


class Refused(ProtocolError):
    """Raised in a caller whose message, or whose answer, a layer refused."""

    def __init__(self, refusal: Refusal) -> None:
        place = f" ({refusal.file}:{refusal.line})" if refusal.line else ""
        super().__init__(f"refused by {refusal.layer}: {refusal.reason}{place}")
        self.refusal = refusal
