from lictor.guardrails.policy.breaker import Breaker


def test_it_holds_for_a_second_and_then_lets_one_through() -> None:
    now = [100.0]
    breaker = Breaker(clock=lambda: now[0])
    assert breaker.obstacle == ""
    breaker.trip("it is down")
    assert breaker.obstacle == "it is down"
    now[0] += 0.99
    assert breaker.obstacle == "it is down"
    now[0] += 0.02
    assert breaker.obstacle == ""
    breaker.trip("still down")
    assert breaker.obstacle == "still down"
    breaker.reset()
    assert breaker.obstacle == ""
