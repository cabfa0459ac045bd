"""Names of principals: NATS tokens, validated before a subject is ever built."""

import re
from enum import StrEnum
from typing import Final

from lictor.protocols.errors import InvalidName

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")


class Role(StrEnum):
    """What a principal is; every role but `agent` is told by the prefix of the name."""

    AGENT = "agent"
    TOOL = "tool"
    MODEL = "model"
    EXTERNAL = "ext"
    OPERATOR = "op"


_PREFIXES: Final = {f"{role}-": role for role in (Role.TOOL, Role.MODEL, Role.EXTERNAL, Role.OPERATOR)}


def is_name(text: str) -> bool:
    """Tell whether `text` may name a principal: `[a-z][a-z0-9-]{0,62}`."""
    return _NAME.fullmatch(text) is not None


def require_name(text: str) -> str:
    """Return `text`; raise InvalidName if it may not name a principal."""
    if not is_name(text):
        raise InvalidName(text)
    return text


def role_of(name: str) -> Role:
    """Return the role that the name's prefix tells."""
    for prefix, role in _PREFIXES.items():
        if name.startswith(prefix):
            return role
    return Role.AGENT


def slug(text: str, limit: int = 63) -> str:
    """Return `text` bent into a legal name: lower case, every other run of characters one dash.

    Raises InvalidName when nothing legal is left.
    """
    bent = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:limit].rstrip("-")
    if bent and not bent[0].isalpha():
        bent = f"x{bent}"[:limit]
    return require_name(bent)
