"""The same bundle says the same of what was recorded, message by message, with an engine made anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mediated_record import record_mediated
from playbook import team_data

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.hindsight import Hindsight
from lictor.runtime.cli.rejudgement import rejudge
from lictor.runtime.store.store import Store, open_store

pytestmark = pytest.mark.slow


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/r.db") as opened:
        record_mediated(opened, tmp_path, rounds=6)
        yield opened


def test_the_same_bundle_gives_the_same_verdict_for_every_message(store: Store, tmp_path: Path) -> None:
    hindsight = Hindsight(EmbeddedRego(load_bundle(team_data(), [tmp_path / "sizes.rego"])))
    messages = store.reader.messages(limit=10_000)
    assert len(messages) > 150
    assert {message.outcome for message in messages} >= {"allow", "deny"}
    for message in messages:
        result = rejudge(message, hindsight)
        assert result.same_bundle, (message.bundle, result.revision)
        assert result.same, result.document()
        assert result.unknown == ()


def test_another_bundle_is_named_and_what_differs_is_shown(store: Store) -> None:
    hindsight = Hindsight(EmbeddedRego(load_bundle(team_data())))
    refused = next(
        m for m in store.reader.messages(limit=1000) if m.deciding and m.deciding.reason == "that is too much"
    )
    told = rejudge(refused, hindsight).document()
    assert (told["same"], told["same_bundle"]) == (False, False)
    assert (told["bundle_then"], told["bundle_now"]) == (refused.bundle, hindsight.revision)
    (route,) = [layer for layer in told["layers"] if layer["layer"] == "route"]
    assert (route["then"]["verdict"], route["now"]["verdict"], route["same"]) == ("deny", "allow", False)


def test_what_never_reached_the_policy_is_as_it_was(store: Store) -> None:
    from record_entries import a_batch, a_verdict, an_entry  # noqa: PLC0415

    late = an_entry(outcome="deny", verdicts=(a_verdict("identify"), a_verdict("admit", "deny")))
    store.writer.write_batches([a_batch(99, late)])
    found = store.reader.message(late.id)
    assert found is not None
    result = rejudge(found, Hindsight(EmbeddedRego(load_bundle(team_data()))))
    assert result.same
    assert result.notes == ("it never reached the policy: it is as it was",)
