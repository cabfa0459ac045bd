"""The notice that a message is held: what the enforcer tells everyone who waits for it, in one header."""

import json
from typing import Final, Self

import msgspec

from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.identifiers import is_id

_LONGEST: Final = 3800
"""Characters of the header, so that its line stays below 4 KiB."""
_WORD: Final = 120
_REASON: Final = 400
_ALSO: Final = 6


class HeldNotice(msgspec.Struct, frozen=True):
    """A message waits for a person, or waits no longer."""

    approval: str
    """Id of the approval."""
    until: float
    """Unix time in seconds at which an unanswered approval is a denial; once it is over, when it was decided."""
    over: bool = False
    """Whether it was decided: what was held was delivered, or its sender has been refused."""
    message: str = ""
    """Id of the message that is held."""
    digest: str = ""
    """SHA-256 in hex of the action that the approval binds to."""
    sender: str = ""
    target: str = ""
    tool: str = ""
    """Tool, model or method that is asked for."""
    reason: str = ""
    """Why a person is asked, in one sentence."""
    code: str = ""
    file: str = ""
    line: int = 0
    labels: str = ""
    """Words, separated by commas."""
    also: tuple[str, ...] = ()
    """What else a person is asked about it: `CODE: reason (file:line)`."""

    def write(self) -> str:
        """Return the notice as printable ASCII of at most 3800 characters; what is longer is cut."""
        told = {name: value for name, value in msgspec.structs.asdict(self).items() if value}
        for name in ("sender", "target", "tool", "code", "labels"):
            if name in told:
                told[name] = told[name][:_WORD]
        if "file" in told:
            told["file"] = told["file"][-_WORD:]
        if "also" in told:
            told["also"] = [each[:_WORD] for each in self.also[:_ALSO]]
        for longest in (_REASON, 60, 0):
            if "also" in told and longest != _REASON:
                told["also"] = [f"{len(self.also)} asks more"]
            told["reason"] = self.reason[:longest]
            line = json.dumps(told)
            if len(line) <= _LONGEST:
                return line
        return json.dumps({"approval": self.approval, "until": self.until, "over": self.over, "digest": self.digest})

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a notice; raises MalformedEnvelope on anything else."""
        try:
            notice = msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise MalformedEnvelope(f"a notice of what is held cannot be read: {error}") from None
        if not is_id(notice.approval):
            raise MalformedEnvelope("a notice of what is held names no approval")
        return notice
