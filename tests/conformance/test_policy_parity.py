"""Real OPA is the oracle: every rule test and some thousand generated questions through both engines."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import policy_inputs
import pytest
from opa_process import require_opa, serve_opa
from policy_parity import compare, compare_rule_tests

from lictor.guardrails.policy.bundle import built_in_folder
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.opa_address import OpaAddress
from lictor.guardrails.policy.opa_server import OpaServer

pytestmark = pytest.mark.slow


def opa(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([require_opa(), *arguments], capture_output=True, text=True, check=False)


def test_opa_accepts_the_bundle() -> None:
    told = opa("check", "--strict", str(built_in_folder()))
    assert told.returncode == 0, told.stderr


def test_the_bundle_is_laid_out_as_opa_does() -> None:
    assert opa("fmt", "--list", str(built_in_folder())).stdout == ""


def test_every_rule_test_passes_in_both() -> None:
    count, failed = compare_rule_tests()
    assert count > 100
    assert not failed


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_generated_question_is_answered_differently(tmp_path: Path) -> None:
    found: list[str] = []

    def note(what: str, document: dict[str, Any]) -> None:
        found.append(f"{what}\n  {json.dumps(document)}")

    bundle = policy_inputs.make_bundle(tmp_path)
    with serve_opa() as url:
        server = OpaServer(bundle, OpaAddress(url, timeout=5))
        inputs, decided = compare(EmbeddedRego(bundle), server, 2100, note)
        server.close()
    assert not found, found[0]
    assert inputs >= 2000
    assert decided > 0.7 * inputs


def test_in_ci_a_missing_opa_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICTOR_OPA", os.devnull)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="not installed"):
        require_opa()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="it must be there"):
        require_opa()
