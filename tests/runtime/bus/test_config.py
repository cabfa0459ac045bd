import json
from pathlib import Path

from lictor.runtime.bus.config import ServerConfig, render_config


def config(*, jetstream: bool = True) -> ServerConfig:
    return ServerConfig("127.0.0.1", 4222, Path('/a "b"'), "op.jwt.x", "ASYS", {"A1": "a.jwt.x"}, jetstream)


def test_the_file_says_operator_mode_with_accounts_of_its_own() -> None:
    document = json.loads(render_config(config()))
    assert (document["host"], document["port"], document["operator"]) == ("127.0.0.1", 4222, "op.jwt.x")
    assert document["system_account"] == "ASYS"
    assert document["resolver"]["type"] == "full"
    assert document["resolver"]["dir"] == '/a "b"/accounts'
    assert document["resolver_preload"] == {"A1": "a.jwt.x"}
    assert document["jetstream"] == {"store_dir": '/a "b"/jetstream'}
    assert document["max_payload"] == 8_388_608
    assert "no_auth_user" not in document
    assert not {"http", "websocket", "mqtt", "leafnodes", "cluster"} & document.keys()


def test_jetstream_may_be_left_out() -> None:
    assert "jetstream" not in json.loads(render_config(config(jetstream=False)))
