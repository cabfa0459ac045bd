"""What it takes to connect to the bus as one principal, and its file form, the `.creds` file of NATS tools."""

import base64
import binascii
import json
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lictor.protocols.errors import ProtocolError

_BLOCK: Final = re.compile(r"-{3,}BEGIN ([A-Z ]+)-{3,}\s+([A-Za-z0-9_.=-]+)\s+-{3,}END \1-{3,}")
_JWT: Final = "NATS USER JWT"
_SEED: Final = "USER NKEY SEED"


class BadCredentials(ProtocolError):
    """Raised when a credentials file is unreadable or does not hold what it should."""


@dataclass(frozen=True, slots=True)
class BusAccess:
    """The bus's address and one instance's credentials for it."""

    url: str
    """`nats://host:port`, or several of them separated by commas."""
    principal: str
    jwt: str = field(repr=False)
    """User JWT that the account's key has signed."""
    seed: str = field(repr=False)
    """Seed of the user's NKey, by which the instance proves that the JWT is its own."""

    @property
    def public_key(self) -> str:
        """Public NKey of this instance: the name under which it is revoked."""
        return str(read_claims(self.jwt)["sub"])

    @property
    def expires(self) -> float:
        """Unix time in seconds at which the broker closes the connection; 0 for never."""
        return float(read_claims(self.jwt).get("exp", 0))


def read_claims(jwt: str) -> dict[str, Any]:
    """Return the claims of a JWT, unverified; raises BadCredentials on anything else."""
    try:
        payload = jwt.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        raise BadCredentials("not a JWT") from None
    if not isinstance(claims, dict) or not isinstance(claims.get("sub"), str):
        raise BadCredentials("the JWT has no subject")
    return claims


def read_blocks(path: Path) -> dict[str, str]:
    """Return the `BEGIN … END` blocks of a file by their titles; raises BadCredentials naming the file."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise BadCredentials(f"{path}: cannot be read: {error}") from None
    return dict(_BLOCK.findall(text))


def write_blocks(path: Path, blocks: dict[str, str]) -> None:
    """Write titled blocks to a file that only its owner can read, replacing it as a whole."""
    parts = [f"-----BEGIN {title}-----\n{value}\n------END {title}------\n" for title, value in blocks.items()]
    write_private(path, "\n".join(parts))


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 as a whole: a reader sees the old one or the new one."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def write_access(path: Path, access: BusAccess) -> None:
    """Write a principal's credentials; NATS tools read the file too. The address is not in it."""
    write_blocks(path, {_JWT: access.jwt, _SEED: access.seed})


def read_access(path: Path, url: str) -> BusAccess:
    """Read a principal's credentials; its name is the JWT's. Raises BadCredentials naming the file."""
    blocks = read_blocks(path)
    missing = [title for title in (_JWT, _SEED) if title not in blocks]
    if missing:
        raise BadCredentials(f"{path}: there is no block {missing[0]!r} in it, so it is no credentials file")
    claims = read_claims(blocks[_JWT])
    return BusAccess(url, str(claims.get("name", "")), blocks[_JWT], blocks[_SEED])
