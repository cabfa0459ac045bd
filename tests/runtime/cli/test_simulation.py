"""A draft over recorded traffic that a real mediation had judged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mediated_record import OWN_RULE, record_mediated
from playbook import team_data

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.hindsight import Hindsight
from lictor.runtime.cli.simulation import page, simulate
from lictor.runtime.store.store import Store, open_store

pytestmark = pytest.mark.slow


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/r.db") as opened:
        record_mediated(opened, tmp_path)
        yield opened


def ask(folder: Path, *texts: str) -> Hindsight:
    files = []
    for number, text in enumerate(texts):
        files.append(folder / f"draft{number}.rego")
        files[-1].write_text(text)
    return Hindsight(EmbeddedRego(load_bundle(team_data(), files)))


def test_the_rules_of_the_record_flip_nothing(store: Store, tmp_path: Path) -> None:
    result = simulate(ask(tmp_path, OWN_RULE), page(store.reader, 0.0), lambda _: "")
    assert result.judged > 60
    assert (result.flipped, result.unknown) == (0, {})
    assert sum(result.bundles.values()) == result.judged


def test_a_draft_that_drops_a_rule_lets_through_what_it_refused(store: Store, tmp_path: Path) -> None:
    result = simulate(ask(tmp_path), page(store.reader, 0.0), lambda _: "")
    refused = [m for m in store.reader.messages(limit=1000) if m.deciding and m.deciding.reason == "that is too much"]
    (flip,) = result.sorted()
    assert refused
    assert flip.count == len(refused) == result.flipped
    assert (flip.before.outcome.word, flip.after.outcome.word) == ("deny", "allow")
    assert {each.id for each in flip.examples} <= {each.id for each in refused}


def test_a_draft_with_another_rule_refuses_what_was_let_through(store: Store, tmp_path: Path) -> None:
    rule = 'package lictor.user.no\n\nimport rego.v1\n\ndeny contains "not him" if input.sender == "op-cli"\n'
    result = simulate(ask(tmp_path, OWN_RULE, rule), page(store.reader, 0.0), lambda _: "")
    flips = [flip for flip in result.sorted() if flip.after.reason == "not him"]
    assert flips
    assert all(each.sender == "op-cli" and each.delivered for flip in flips for each in flip.examples)
    assert (Path(flips[0].after.file).name, flips[0].after.line) == ("draft1.rego", 5)


def test_what_was_not_recorded_is_counted_by_field(store: Store, tmp_path: Path) -> None:
    rule = 'package lictor.user.no\n\nimport rego.v1\n\ndeny contains "odd" if input.labels.sources == ["x"]\n'
    result = simulate(ask(tmp_path, OWN_RULE, rule), page(store.reader, 0.0), lambda _: "")
    assert result.unknown == {} or set(result.unknown) == {"route: input.labels.sources"}
    assert result.uncertain <= result.judged


def test_a_page_reads_large_bodies_too(tmp_path: Path) -> None:
    from record_entries import a_batch, an_entry  # noqa: PLC0415

    with open_store(f"sqlite:///{tmp_path}/large.db") as opened:
        entries = [an_entry(body=b"x" * 70_000), an_entry(body=b""), an_entry()]
        opened.writer.write_batches([a_batch(1, *entries)])
        assert [len(message.body) for message in page(opened.reader, 0.0)] == [70_000, 0, 2]
