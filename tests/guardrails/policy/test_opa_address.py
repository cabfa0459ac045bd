from pathlib import Path

import pytest

from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.opa_address import OpaAddress, connect


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("http://opa", "http://opa:8181/v1"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/v1"),
        ("https://opa.example.com", "https://opa.example.com:443/v1"),
        ("https://[::1]:8181", "https://[::1]:8181/v1"),
    ],
)
def test_addresses(url: str, root: str) -> None:
    client = connect(OpaAddress(url))
    assert client.root_url == root
    client.close_connection()


@pytest.mark.parametrize(
    "url", ["", "opa:8181", "ftp://opa", "http://", "http://opa/v1", "http://opa?x=1", "http://u:p@opa", "http://opa:x"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(PolicyError, match="address of an OPA server"):
        connect(OpaAddress(url))


def test_certificates_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no such file"):
        connect(OpaAddress("https://opa", ca=tmp_path / "ca.pem"))


def test_the_environment_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = connect(OpaAddress("http://opa", token="t"))
    assert client._session.trust_env is False
    assert client._session.headers["Authorization"] == "Bearer t"
    assert client.retries == 0
    client.close_connection()
