"""The keys of an embedded bus: operator, the team's account, the system account, and the users revoked so far."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lictor.protocols.nats.access import BadCredentials, write_private
from lictor.protocols.nats.jwt import ACCOUNT, OPERATOR, account_jwt, create_seed, operator_jwt, public_key

_FILES: Final = {"operator": OPERATOR, "account": ACCOUNT, "system": ACCOUNT}
_REVOKED: Final = "revoked.json"


@dataclass(frozen=True, slots=True)
class BusKeys:
    """Seeds of the keys, and what the JWTs made of them say."""

    operator: str = field(repr=False)
    account: str = field(repr=False)
    system: str = field(repr=False)

    @property
    def account_id(self) -> str:
        """Public key of the team's account."""
        return public_key(self.account)

    @property
    def system_id(self) -> str:
        """Public key of the system account."""
        return public_key(self.system)

    def operator_jwt(self, now: float) -> str:
        """Return the operator's JWT."""
        return operator_jwt(self.operator, system_account=self.system_id, now=now)

    def account_jwt(self, now: float, revoked: dict[str, int]) -> str:
        """Return the team account's JWT; `revoked` maps users to the Unix time before which their JWTs are void."""
        return account_jwt(self.operator, self.account_id, "team", now=now, jetstream=True, revocations=revoked)

    def system_jwt(self, now: float) -> str:
        """Return the system account's JWT."""
        return account_jwt(self.operator, self.system_id, "system", now=now, jetstream=False)


def load_keys(folder: Path) -> BusKeys:
    """Return the keys in `folder`, and make those that are not there; files are 0600, the folder 0700.

    Raises BadCredentials naming the file when one is unreadable, or readable by others.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return BusKeys(**{name: _load_seed(folder / f"{name}.nk", kind) for name, kind in _FILES.items()})


def load_revoked(folder: Path) -> dict[str, int]:
    """Return the users revoked so far; raises BadCredentials when the list is there and cannot be read."""
    path = folder / _REVOKED
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return {str(user): int(moment) for user, moment in raw.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise BadCredentials(f"{path}: the list of revoked credentials cannot be read: {error}") from None


def save_revoked(folder: Path, revoked: dict[str, int]) -> None:
    """Keep the list of revoked users across restarts of the bus."""
    write_private(folder / _REVOKED, json.dumps(revoked, indent=1))


def _load_seed(path: Path, kind: int) -> str:
    try:
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        seed = create_seed(kind)
        write_private(path, seed)
        return seed
    if mode & 0o077 and os.name == "posix":
        raise BadCredentials(f"{path}: others can read this key (mode {mode:o}); run: chmod 600 {path}")
    try:
        seed = path.read_text(encoding="ascii").strip()
        public_key(seed)
    except (OSError, UnicodeDecodeError, BadCredentials) as error:
        raise BadCredentials(f"{path}: the key cannot be read: {error}") from None
    return seed
