"""The OPA server engine: the same bundle, decided by a real OPA beside this process or elsewhere.

Whatever goes wrong on the way raises PolicyError, which denies: the server is down, slow, answers nonsense, answers
nothing, or serves another bundle than the one that was pushed.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from lictor.guardrails.policy.breaker import Breaker
from lictor.guardrails.policy.bundle import Bundle
from lictor.guardrails.policy.decision import read_decision
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.encoding import write_question
from lictor.guardrails.policy.engine import Decision, PolicyError
from lictor.guardrails.policy.fields import Path
from lictor.guardrails.policy.lane import Lane, LaneTimeout
from lictor.guardrails.policy.opa_address import OpaAddress, connect
from lictor.guardrails.policy.opa_push import SERVED, bring, explain, load_of
from lictor.guardrails.policy.stages import STAGES, with_stages

_STRICT: Final = {"strict-builtin-errors": "true"}
"""A function that fails is an error, as it is in the embedded engine; by default OPA would leave the rule out."""
_PUSH: Final = 30.0


class OpaServer:
    """Pushes a bundle to an OPA server and has it decide. One server serves one team; not safe across threads.

    The bundle is compiled here as well: that tells which fields count, and refuses what the engines read differently.
    """

    def __init__(
        self,
        bundle: Bundle,
        address: OpaAddress,
        *,
        push: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Push the bundle, or be sure that it is there; raises PolicyError when it may not be used or is not."""
        compiled = EmbeddedRego(bundle)
        self._fields = compiled.fields
        self._places = compiled.places
        self._revision = bundle.revision
        data = json.loads(json.dumps(with_stages(bundle.data, compiled.stages), default=str))
        self._load = load_of(bundle, data)
        self._address = address
        self._breaker = Breaker(clock=clock)
        self._lane: Lane[Any] = Lane("opa")
        self._client = connect(address)
        self._repair: threading.Thread | None = None
        self._pushes = push
        if push:
            self.push()
        else:
            self.decide(STAGES[0], {})

    @property
    def revision(self) -> str:
        """Digest of policies and data that decide."""
        return self._revision

    @property
    def fields(self) -> Mapping[str, frozenset[Path]]:
        """For each stage, the paths below `input` that decide there."""
        return self._fields

    def decide(self, stage: str, document: dict[str, Any]) -> Decision:
        """Return the server's decision; raises PolicyError when there is none.

        Once the server has failed, nobody waits for it again for a second: every question of that second is denied.
        """
        if stage not in self._fields:
            raise PolicyError(f"there is no stage {stage!r}")
        if obstacle := self._obstacle():
            raise PolicyError(f"the OPA server is not asked again yet: {obstacle}")
        question = msgspec.json.decode(write_question(document))
        client = self._client
        try:
            answer = self._lane.call(
                lambda: client.query_rule(question, SERVED, stage, query_params=_STRICT), self._address.timeout
            )
        except Exception as error:  # whatever it is, there is no decision
            raise self._failure(error) from None
        return self._read(answer)

    def push(self) -> None:
        """Have the server serve this bundle and no other; raises PolicyError when it does not take it."""
        try:
            Lane[None]("opa-push").call(lambda: bring(self._load, self._address), _PUSH)
        except LaneTimeout as error:
            raise PolicyError(f"the OPA server at {self._address.url} does not take the bundle: {error}") from None
        self._breaker.reset()

    def close(self) -> None:
        """Give the connection back."""
        self._lane.close()
        self._client.close_connection()

    def _obstacle(self) -> str:
        if self._repair is not None and self._repair.is_alive():
            return "it had lost the bundle, which is being pushed again"
        return self._breaker.obstacle

    def _read(self, answer: object) -> Decision:
        result = answer.get("result") if isinstance(answer, dict) else None
        if answer == {} and self._pushes:
            self._repair = threading.Thread(target=self._push_again, name="opa-repair", daemon=True)
            self._repair.start()
            raise self._tripped(f"the OPA server at {self._address.url} has no bundle: it was started anew")
        if not isinstance(result, dict) or "decision" not in result:
            raise self._tripped(f"the OPA server at {self._address.url} gave no decision")
        if result.get("revision") != self._revision:
            found = str(result.get("revision"))[:40]
            raise self._tripped(f"the OPA server serves bundle {found}, not {self._revision}")
        self._breaker.reset()
        return read_decision(msgspec.json.encode(result["decision"]), self._places)

    def _push_again(self) -> None:
        try:
            self.push()
        except PolicyError as error:
            self._breaker.trip(str(error))

    def _failure(self, error: Exception) -> PolicyError:
        """Tell a rule that failed, which is the fault of the message, from a server that failed."""
        told = _told(error)
        if told.get("code") == "internal_error" and (found := told.get("errors")):
            return PolicyError(f"evaluation failed: {_explain_rule(found)}")
        self._client = connect(self._address)
        return self._tripped(f"the OPA server at {self._address.url} gave no answer: {explain(error)}")

    def _tripped(self, reason: str) -> PolicyError:
        self._breaker.trip(reason)
        return PolicyError(reason)


def _told(error: Exception) -> dict[str, Any]:
    """Return what OPA itself said of an error; empty when it was not OPA."""
    response = getattr(error, "response", None)
    try:
        told = response.json() if response is not None else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _explain_rule(errors: Any) -> str:  # noqa: ANN401 -- whatever the server says
    first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
    place = first.get("location")
    where = f"{place.get('file', '')}:{place.get('row', 0)}: " if isinstance(place, dict) else ""
    return f"{where}{first.get('message', 'a rule failed')}"[:300]
