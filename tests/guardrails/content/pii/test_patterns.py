from lictor.guardrails.content.pii.patterns import CLASSES, PATTERNS
from lictor.guardrails.content.prefilter import Prefilter


def test_every_class_has_a_pattern_and_compiles() -> None:
    assert {pattern.topic for pattern in PATTERNS} == {f"pii-{name}" for name in CLASSES}
    Prefilter(PATTERNS)


def test_ids_and_dates_raise_no_topic() -> None:
    prefilter = Prefilter(PATTERNS)
    body = b'{"id":"0f8fad5b-d9cb-469f-a165-70867728950e","messageId":"01HZX4F5T6Q2Z8MN0PQRSTUVWX","at":"2024-03-01"}'
    assert not prefilter.topics(body)
