"""Whatever the server does, no decision is a denial, and it comes on time."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from broken_server import answer, serve_broken
from opa_process import free_port, serve_opa
from small_bundle import USER, says, small_bundle

from lictor.guardrails.policy.bundle import Bundle
from lictor.guardrails.policy.engine import Decision, PolicyError
from lictor.guardrails.policy.opa_address import OpaAddress, connect
from lictor.guardrails.policy.opa_server import OpaServer

pytestmark = pytest.mark.slow

RULE = f'route := {says("true")} if startswith(input.a, "x")\n'


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve_opa() as address:
        yield address


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def moved(engine: OpaServer, url: str, clock: Clock, timeout: float = 0.2) -> OpaServer:
    """Have an engine ask somebody else from now on, as if the server had become that."""
    engine._address = OpaAddress(url, timeout=timeout)
    engine._client = connect(engine._address)
    engine._breaker._clock = clock
    return engine


def test_one_connection_for_many_decisions(url: str) -> None:
    engine = OpaServer(small_bundle(RULE), OpaAddress(url, timeout=5))
    assert engine.decide("route", {"a": "xy"}) == Decision(True, ())
    for _ in range(20):
        engine.decide("route", {"a": "y"})
    pools = engine._client._session.adapters["http://"].poolmanager.pools
    assert [pools[key].num_connections for key in pools.keys()] == [1]  # noqa: SIM118 -- it cannot be iterated over
    engine.close()


REFUSALS = {
    "nothing": b"",
    "garbage": b"\x00\x01nonsense\r\n\r\n",
    "not JSON": answer(b"<html>"),
    "half of it": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
    "500": answer(b'{"code": "internal_error", "message": "x"}', b"500 Internal Server Error"),
    "401": answer(b'{"code": "unauthorized"}', b"401 Unauthorized"),
    "204": answer(b"", b"204 No Content"),
    "a list": answer(b"[]"),
    "a number": answer(b"1"),
    "no result": answer(b'{"decision_id": "x"}'),
    "true": answer(b'{"result": true}'),
    "no revision": answer(b'{"result": {"decision": {"allow": true, "denials": [], "asks": [], "obligations": []}}}'),
    "other revision": answer(
        b'{"result": {"revision": "0", "decision": {"allow": true, "denials": [], "asks": [], "obligations": []}}}'
    ),
    "redirect": answer(b"", b"307 Temporary Redirect", b"Location: http://127.0.0.1:9/\r\n"),
    "redirects for ever": answer(b"", b"307 Temporary Redirect", b"Location: /v1/data/x\r\n"),
}


@pytest.mark.parametrize("said", REFUSALS.values(), ids=REFUSALS)
def test_a_broken_server_denies(url: str, said: bytes) -> None:
    engine = OpaServer(small_bundle(RULE), OpaAddress(url, timeout=5))
    with serve_broken(said) as server:
        clock = Clock()
        moved(engine, server.url, clock, timeout=2)
        with pytest.raises(PolicyError):
            engine.decide("route", {"a": "xy"})
        asked = server.requests
        with pytest.raises(PolicyError, match="not asked again yet"):
            engine.decide("route", {"a": "xy"})
        assert server.requests == asked
        clock.now = 1.1
        with pytest.raises(PolicyError):
            engine.decide("route", {"a": "xy"})
        assert server.requests > asked or not said
    engine.close()


def test_a_decision_that_is_none(url: str) -> None:
    bundle = small_bundle(RULE)
    engine = OpaServer(bundle, OpaAddress(url, timeout=5))
    for decision in (
        {},
        {"allow": "yes"},
        None,
        [True],
        {"allow": True, "denials": [], "asks": [], "obligations": [1]},
    ):
        said = answer(json.dumps({"result": {"revision": bundle.revision, "decision": decision}}).encode())
        with serve_broken(said) as server, pytest.raises(PolicyError, match="no decision"):
            moved(engine, server.url, Clock(), timeout=2).decide("route", {"a": "xy"})
    engine.close()


@pytest.mark.parametrize(("said", "drip"), [(b"", 0.0), (answer(b'{"result": 1}') * 2, 0.05)], ids=["hangs", "drips"])
def test_a_slow_server_denies_on_time(url: str, said: bytes, drip: float) -> None:
    engine = OpaServer(small_bundle(RULE), OpaAddress(url, timeout=5))
    with serve_broken(said, hang=True, drip=drip) as server:
        moved(engine, server.url, Clock(), timeout=0.2)
        began = time.monotonic()
        with pytest.raises(PolicyError, match="gave no answer"):
            engine.decide("route", {"a": "xy"})
        took = time.monotonic() - began
    assert 0.15 < took < 2
    engine.close()


def test_a_server_that_is_gone_denies(url: str) -> None:
    engine = OpaServer(small_bundle(RULE), OpaAddress(url, timeout=5))
    moved(engine, f"http://127.0.0.1:{free_port()}", Clock())
    with pytest.raises(PolicyError, match="gave no answer"):
        engine.decide("route", {"a": "xy"})
    engine.close()


def test_a_rule_that_fails_denies_its_message_and_no_other(url: str) -> None:
    engine = OpaServer(
        small_bundle(RULE + 'route := {"x": concat("", [input.b])}["x"] if input.b\n'), OpaAddress(url, timeout=5)
    )
    with pytest.raises(PolicyError, match=r"evaluation failed: .*main\.rego:\d+: concat"):
        engine.decide("route", {"b": 1})
    assert engine.decide("route", {"a": "xy"}).allow
    engine.close()


def test_another_bundle_at_the_server_denies(url: str) -> None:
    first = OpaServer(small_bundle(RULE), OpaAddress(url, timeout=5))
    second = OpaServer(small_bundle(RULE, USER + 'deny contains "x" if input.z\n'), OpaAddress(url, timeout=5))
    assert second.decide("route", {"a": "xy"}).allow
    with pytest.raises(PolicyError, match=f"serves bundle {second.revision}, not {first.revision}"):
        first.decide("route", {"a": "xy"})
    first.close()
    second.close()


def test_a_server_that_was_started_anew_gets_the_bundle_again() -> None:
    port = free_port()
    clock = Clock()
    with serve_opa(port=port) as url:
        engine = OpaServer(small_bundle(RULE), OpaAddress(url, timeout=5), clock=clock)
        assert engine.decide("route", {"a": "xy"}).allow
    with pytest.raises(PolicyError, match="gave no answer"):
        engine.decide("route", {"a": "xy"})
    with serve_opa(port=port):
        clock.now = 2.0
        with pytest.raises(PolicyError, match="started anew"):
            engine.decide("route", {"a": "xy"})
        assert engine._repair is not None
        engine._repair.join(20)
        assert engine.decide("route", {"a": "xy"}).allow
    engine.close()


def test_without_push_the_bundle_has_to_be_there(url: str) -> None:
    bundle = small_bundle(RULE, team={"other": 1})
    with pytest.raises(PolicyError, match=r"serves bundle|gave no decision"):
        OpaServer(bundle, OpaAddress(url, timeout=5), push=False)
    OpaServer(bundle, OpaAddress(url, timeout=5)).close()
    engine = OpaServer(bundle, OpaAddress(url, timeout=5), push=False)
    assert engine.decide("route", {"a": "xy"}).allow
    engine.close()


def test_a_token_is_asked_for(tmp_path: Path) -> None:
    policy = tmp_path / "authz.rego"
    policy.write_text(
        'package system.authz\n\nimport rego.v1\n\ndefault allow := false\n\nallow if input.identity == "open"\n'
    )
    with serve_opa("--authentication", "token", "--authorization", "basic", files=(policy,)) as url:
        for token in ("", "other"):
            with pytest.raises(PolicyError, match="does not take the bundle"):
                OpaServer(small_bundle(RULE), OpaAddress(url, token, timeout=5))
        engine = OpaServer(small_bundle(RULE), OpaAddress(url, "open", timeout=5))
        assert engine.decide("route", {"a": "xy"}).allow
        engine.close()


def certificate(folder: Path) -> tuple[Path, Path]:
    key, made = folder / "key.pem", folder / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-keyout", str(key), "-out", str(made), "-subj", "/CN=opa", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


def test_tls_with_a_private_authority(tmp_path: Path) -> None:
    made, key = certificate(tmp_path)
    with serve_opa("--tls-cert-file", str(made), "--tls-private-key-file", str(key), scheme="https") as url:
        engine = OpaServer(small_bundle(RULE), OpaAddress(url, ca=made, timeout=5))
        assert engine.decide("route", {"a": "xy"}).allow
        engine.close()
        with pytest.raises(PolicyError, match=r"does not take the bundle.*[Cc]ertificate"):
            OpaServer(small_bundle(RULE), OpaAddress(url, timeout=5))
        with pytest.raises(PolicyError, match="does not take the bundle"):
            OpaServer(small_bundle(RULE), OpaAddress(url.replace("https", "http"), timeout=5))


def test_a_bundle_that_may_not_be_used_is_never_pushed(url: str) -> None:
    bundle: Bundle = small_bundle("", USER + 'deny contains "x" if http.send({}).a\n')
    with serve_broken(answer(b"{}")) as server:
        with pytest.raises(PolicyError, match=r"http\.send"):
            OpaServer(bundle, OpaAddress(server.url))
        assert server.connections == 0
