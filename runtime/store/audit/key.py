"""The team's keys for its evidence, on disk: 0600, made by who needs them first when they are not there."""

import os
from pathlib import Path
from typing import Final

from lictor.protocols.nats.access import write_private
from lictor.runtime.store.audit.head import AuditKey
from lictor.runtime.store.failures import StoreError

_PRIVATE: Final = "audit.key"
_PUBLIC: Final = "audit.pub"
_SEED: Final = 32


class BadKey(StoreError):
    """Raised when a key's file cannot be used; the message names the file."""


def load_key(folder: Path) -> AuditKey:
    """Return the key in `folder` that signs the audit chain; beside it lies the public half for anyone.

    Raises BadKey when it is unreadable, or readable by others.
    """
    key = AuditKey(load_secret(folder / _PRIVATE))
    public = folder / _PUBLIC
    if not public.exists() or _read(public) != key.public:
        write_private(public, key.public.hex() + "\n")
    return key


def load_secret(path: Path) -> bytes:
    """Return 32 secret bytes from a file, and make them when there is none; raises BadKey as `load_key` does."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        write_private(path, os.urandom(_SEED).hex() + "\n")
    return read_secret(path)


def read_secret(path: Path) -> bytes:
    """Return 32 secret bytes from a file that must be there; raises BadKey."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise BadKey(f"{path}: the key cannot be read: {error.strerror}") from None
    if mode & 0o077 and os.name == "posix":
        raise BadKey(f"{path}: others can read this key; run: chmod 600 {path}")
    return _read(path)


def read_public(path: Path) -> bytes:
    """Return a public key from its file, or from the folder that it lies in; raises BadKey."""
    return _read(path / _PUBLIC if path.is_dir() else path)


def _read(path: Path) -> bytes:
    try:
        raw = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise BadKey(f"{path}: the key cannot be read: {error}") from None
    if len(raw) != _SEED:
        raise BadKey(f"{path}: this is no key: it has {len(raw)} bytes instead of {_SEED}")
    return raw
