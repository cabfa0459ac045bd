"""Where an OPA server is, and the connection to it: kept open, verified, and never by way of a proxy."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from opa_client.opa import OpaClient

from lictor.guardrails.policy.engine import PolicyError

_PORTS: Final = {"http": 8181, "https": 443}


@dataclass(frozen=True, slots=True)
class OpaAddress:
    """Where the server is, and how to be sure that it is the right one."""

    url: str
    """`http://HOST[:PORT]` or `https://HOST[:PORT]`; without a port 8181 or 443."""
    token: str = ""
    """Sent as a bearer token."""
    ca: Path | None = None
    """Certificates that may sign the server's; None is the system's."""
    certificate: tuple[Path, Path] | None = None
    """This side's certificate and its key."""
    timeout: float = 0.25
    """Seconds that one decision may take, from the question to the end of the answer."""


class Client(OpaClient):  # type: ignore[misc]  # the package has no types
    """The package's client without what the environment would add: proxies, .netrc, chains of redirects."""

    def held_policies(self) -> dict[str, str]:
        """Return the text of every policy that the server holds, by its id, in one answer."""
        answer = self._session.get(f"{self.root_url}/policies", timeout=self.timeout)
        answer.raise_for_status()
        return {str(each["id"]): str(each["raw"]) for each in answer.json()["result"]}

    def _init_session(self) -> Any:  # noqa: ANN401 -- the package has no types
        session = super()._init_session()
        session.trust_env = False
        session.max_redirects = 1  # OPA sends /v1/policies/ to /v1/policies
        return session


def connect(address: OpaAddress, timeout: float | None = None) -> Client:
    """Return a client that connects when it is first used and then keeps the connection.

    Raises PolicyError for an address that is none. `timeout` is for each wait of a call; that of the address else.
    """
    try:
        parts = urlsplit(address.url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise PolicyError(f"{address.url}: this is no address of an OPA server: {error}") from None
    if parts.scheme not in _PORTS or not host or parts.path.strip("/") or parts.query or parts.username:
        raise PolicyError(f"{address.url}: the address of an OPA server is http://HOST:PORT or https://HOST:PORT")
    if address.ca is not None and not address.ca.is_file():
        raise PolicyError(f"{address.ca}: there is no such file of certificates")
    secure: bool | str = parts.scheme == "https"
    return Client(
        host=f"[{host}]" if ":" in host else host,
        port=port or _PORTS[parts.scheme],
        ssl=str(address.ca) if secure and address.ca is not None else secure,
        cert=tuple(str(path) for path in address.certificate) if address.certificate else None,
        token=address.token or None,
        retries=0,
        timeout=address.timeout if timeout is None else timeout,
    )
