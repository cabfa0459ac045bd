"""What goes wrong in a model worker. Every text here is safe to show to the caller."""

from pathlib import Path
from typing import ClassVar


class InferenceError(Exception):
    """Root of every error of this package; `code` and `type` go into the answer as OpenAI's servers send them."""

    code: ClassVar[str] = "model_failed"
    type: ClassVar[str] = "server_error"


class BadRequest(InferenceError):
    """Raised when a request is not a chat-completions request that this worker can serve."""

    code: ClassVar[str] = "bad_request"
    type: ClassVar[str] = "invalid_request_error"


class UnknownModel(BadRequest):
    """Raised when a request names a model that this worker does not run."""

    code: ClassVar[str] = "model_not_found"


class ContextOverflow(BadRequest):
    """Raised when a prompt, and the answer asked for, do not fit into the model's context."""

    code: ClassVar[str] = "context_length_exceeded"

    def __init__(self, prompt: int, answer: int, context: int) -> None:
        super().__init__(
            f"the prompt has {prompt} tokens and up to {answer} were asked for; the context holds {context}: "
            "shorten the messages, ask for fewer tokens, or raise the model's `context`"
        )


class Busy(InferenceError):
    """Raised at once when too many requests wait already."""

    code: ClassVar[str] = "busy"
    type: ClassVar[str] = "overloaded_error"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"the model is busy: {waiting} requests wait already; ask again later")


class LateRequest(InferenceError):
    """Raised when the deadline of a request has passed before its answer was complete."""

    code: ClassVar[str] = "deadline_exceeded"
    type: ClassVar[str] = "timeout_error"

    def __init__(self) -> None:
        super().__init__("the deadline passed before the answer was complete")


class ModelUnreadable(InferenceError):
    """Raised when a model cannot be loaded: no such file, no GGUF, a damaged one, or not enough memory."""

    code: ClassVar[str] = "model_unreadable"

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"cannot load the model {path}: {reason}")
        self.path = path
        self.reason = reason


class BackendFailed(InferenceError):
    """Raised when whatever answers failed; another model may still do."""

    code: ClassVar[str] = "backend_failed"


class BackendUnreachable(BackendFailed):
    """Raised when a remote server cannot be reached, or stays overloaded, after every retry."""

    code: ClassVar[str] = "backend_unreachable"


class NoRule(BackendFailed):
    """Raised when no rule of a script matches."""

    code: ClassVar[str] = "no_rule"
