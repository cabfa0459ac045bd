from lictor.guardrails.content.finding import Finding, highest


def test_the_word_names_guard_and_kind() -> None:
    assert Finding("pii", "email").word == "pii/email"
    assert Finding("injection", score=0.4).word == "injection"


def test_the_highest_score_of_each_class_counts() -> None:
    found = [Finding("secret", "keyword", 0.8), Finding("secret", "keyword", 0.951), Finding("pii", "email")]
    assert highest(found) == {"secret/keyword": 0.95, "pii/email": 1.0}
