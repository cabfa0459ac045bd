"""Bringing a bundle to an OPA server: all of it, nothing beside it, and proof of both."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lictor.guardrails.policy.bundle import Bundle
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.opa_address import Client, OpaAddress, connect
from lictor.guardrails.policy.stages import APPROVE, STAGES

SERVED: Final = "lictor.served"
"""The package that is asked: it gives the revision with each decision."""
_PREFIX: Final = "lictor/"
_SERVED_ID: Final = f"{_PREFIX}served"
_EACH_WAIT: Final = 5.0
_OTHER_SIGNS: Final = re.compile(r"[^A-Za-z0-9._-]+")
_OWN_PACKAGE: Final = re.compile(r"^\s*package\s+lictor\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Load:
    """What is brought to a server."""

    policies: Mapping[str, str]
    """Texts by their ids at the server."""
    served: str
    """The module that is asked; it comes last and goes first."""
    data: Mapping[str, Any]
    """What lies below `data.lictor`."""


def load_of(bundle: Bundle, data: Mapping[str, Any]) -> Load:
    """Return what a bundle comes to at a server; `data` is the whole data document, as JSON has it."""
    policies = {_id_of(module.path): module.text for module in bundle.modules}
    return Load(policies, _served(bundle.revision), data["lictor"])


def _id_of(path: str) -> str:
    digest = hashlib.sha256(path.encode()).hexdigest()[:8]
    return f"{_PREFIX}{digest}-{_OTHER_SIGNS.sub('-', path.rpartition('/')[2])}"


def bring(load: Load, address: OpaAddress) -> None:
    """Have a server serve this and nothing else of a team; raises PolicyError when it does not take it.

    While it is under way the server has no decision, or one of another revision: whoever asks meanwhile denies.
    """
    client = connect(address, _EACH_WAIT)
    try:
        held = client.held_policies()
        if _SERVED_ID in held:
            client.delete_policy(_SERVED_ID)
        for name, value in load.data.items():
            client.update_or_create_data(value, f"lictor/{name}")
        acts = [_delete(client, name) for name in held if name.startswith(_PREFIX) and name not in load.policies]
        acts += [_put(client, name, text) for name, text in load.policies.items() if held.get(name) != text]
        _in_rounds(acts)
        _put(client, _SERVED_ID, load.served)()
        _prove(client, load)
    except PolicyError:
        raise
    except Exception as error:  # the package, requests and JSON each have errors of their own
        raise PolicyError(f"the OPA server at {address.url} does not take the bundle: {explain(error)}") from None
    finally:
        client.close_connection()


def explain(error: Exception) -> str:
    """Return what an error of the client says, on one line; its own errors keep it in attributes."""
    parts = [getattr(error, "expression", None) or getattr(error, "code", None), getattr(error, "message", None)]
    said = [str(part) for part in parts if part]
    errors = getattr(error, "errors", None)
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        said.append(str(errors[0].get("message", "")))
    text = ": ".join(said) or str(error) or type(error).__name__
    return " ".join(text.split())[:300]


def _put(client: Client, name: str, text: str) -> Callable[[], object]:
    return lambda: client.update_policy_from_string(text, name, rego_compat=False)


def _delete(client: Client, name: str) -> Callable[[], object]:
    return lambda: name == _SERVED_ID or client.delete_policy(name)


def _in_rounds(acts: list[Callable[[], object]]) -> None:
    """Do everything, and again what failed: one module may only come or go after another.

    Raises the last error once a round changes nothing.
    """
    while acts:
        failed: list[Callable[[], object]] = []
        last: Exception | None = None
        for act in acts:
            try:
                act()
            except OSError:  # the server is gone: no other order would help
                raise
            except Exception as error:  # told when no order helps
                failed.append(act)
                last = error
        if last is not None and len(failed) == len(acts):
            raise last
        acts = failed


def _prove(client: Client, load: Load) -> None:
    """Compare what the server has with what was pushed."""
    held = client.held_policies()
    for name, text in {**load.policies, _SERVED_ID: load.served}.items():
        if held.pop(name, None) != text:
            raise PolicyError(f"the OPA server did not keep {name} as it was pushed")
    for name, text in held.items():
        if _OWN_PACKAGE.search(text):
            raise PolicyError(f"the OPA server has a policy {name} in package lictor that is not of this bundle")
    for name, value in load.data.items():
        if client.get_data(f"lictor/{name}").get("result") != value:
            raise PolicyError(f"the OPA server did not keep data.lictor.{name} as it was pushed")


def _served(revision: str) -> str:
    stages = "".join(
        f'{stage} := {{"revision": "{revision}", "decision": data.lictor.main.{stage}}}\n'
        for stage in (*STAGES, APPROVE)
    )
    return f"package {SERVED}\n\nimport rego.v1\n\n{stages}"
