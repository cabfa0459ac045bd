from lictor.guardrails.policy.functions import ALIKE, INSTEAD


def test_no_function_is_both_allowed_and_refused() -> None:
    assert not ALIKE & INSTEAD.keys()
    assert {"http.send", "time.now_ns", "rand.intn", "opa.runtime"} <= INSTEAD.keys()
