"""The configuration of the embedded server, rendered from values. Pure."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

MAX_PAYLOAD: Final = 8_388_608
"""Bytes of one message: a batch of verdicts holds the bodies that it judged."""


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """What the embedded server is told."""

    host: str
    port: int
    folder: Path
    """Where the server keeps accounts and JetStream's files."""
    operator_jwt: str = field(repr=False)
    system_account: str
    accounts: dict[str, str] = field(repr=False)
    """JWT of each account, by its public key; the server starts with these, whatever it had stored."""
    jetstream: bool = True


def render_config(config: ServerConfig) -> str:
    """Return the configuration file: JSON, which the server's own format includes."""
    document: dict[str, Any] = {
        "server_name": "lictor",
        "host": config.host,
        "port": config.port,
        "operator": config.operator_jwt,
        "system_account": config.system_account,
        "resolver": {"type": "full", "dir": str(config.folder / "accounts"), "allow_delete": False, "interval": "2m"},
        "resolver_preload": config.accounts,
        "max_payload": MAX_PAYLOAD,
        "max_control_line": 4096,
        "ping_interval": "20s",
        "ping_max": 2,
        "write_deadline": "5s",
        "logtime": False,
    }
    if config.jetstream:
        document["jetstream"] = {"store_dir": str(config.folder / "jetstream")}
    return json.dumps(document, indent=2)
