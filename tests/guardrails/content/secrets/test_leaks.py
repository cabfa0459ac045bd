import importlib.util
import json
from importlib import resources
from pathlib import Path

import betterleaks
import pytest
from repository import ROOT

from lictor.guardrails.content.prefilter import Prefilter
from lictor.guardrails.content.secrets.leaks import find_leaks, list_patterns

TOKEN = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"


def test_a_token_is_found_with_its_place() -> None:
    text = f"use {TOKEN} now".encode()
    (found,) = find_leaks(text)
    assert found.word == "secret/github-pat"
    assert found.score == 1.0
    assert text[found.start : found.end] == TOKEN.encode()


@pytest.mark.parametrize("text", [f"{TOKEN} # gitleaks:allow", f"a\0b {TOKEN}", "x" * 70_000 + f" {TOKEN} "])
def test_it_cannot_be_silenced_cut_short_or_outrun(text: str) -> None:
    assert [each.kind for each in find_leaks(text.encode())] == ["github-pat"]


def test_a_token_of_the_documentation_weighs_little() -> None:
    head, payload = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "eyJzb21lIjoicGF5bG9hZCJ9"
    example = f"{head}.{payload}.4twFt5NiznN84AWoo1d7KO1T_yoc0Z6XOpOVswacPZg"
    assert all(each.score < 0.5 for each in find_leaks(example.encode()))


def test_thousands_of_pairs_take_no_minutes() -> None:
    text = b"".join(b"api_key=a%031x " % (number * 7919**5) for number in range(4000)) + TOKEN.encode()
    assert "github-pat" in {each.kind for each in find_leaks(text)}


def test_the_prefilter_knows_every_rule_of_the_library() -> None:
    spec = importlib.util.spec_from_file_location("list_secret_patterns", ROOT / "scripts" / "list-secret-patterns.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    library = (Path(betterleaks.__file__).parent / "libbetterleaks.so").read_bytes()
    kept = json.loads((resources.files("lictor.guardrails.content.secrets") / "patterns.json").read_text("utf-8"))
    assert kept["of"] == betterleaks.__version__, "run scripts/list-secret-patterns.py"
    assert {name: kept[name] for name in ("literals", "expressions")} == script.list_patterns(library)


def test_clean_text_raises_no_topic() -> None:
    prefilter = Prefilter(list_patterns())
    body = b'{"jsonrpc":"2.0","method":"message/send","params":{"message":{"role":"user","messageId":"01HZX4F5"}}}'
    assert not prefilter.topics(body)
    assert prefilter.topics(TOKEN.encode())
