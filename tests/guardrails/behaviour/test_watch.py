import json

import pytest
from behaviour_messages import Traffic
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.guardrails.action import Action
from lictor.guardrails.admit import TaskBudget
from lictor.guardrails.behaviour.watch import Watch
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

pytestmark = pytest.mark.slow


def test_ordinary_work_says_nothing() -> None:
    traffic = Traffic()
    for word in ["git", "hill", "moss", "pull", "shop", "wish", "yolk", "zoom"]:
        assert traffic.call("find", {"query": word}, f"about {word}") == {}
        assert traffic.say("triage", "writer", f"write of {word} now", f"so I wrote of {word}") == {}


def test_a_repeated_call_whatever_the_order_of_its_keys() -> None:
    traffic = Traffic()
    signals = [
        traffic.call("find", dict(sorted({"q": "x", "size": 1}.items(), reverse=number % 2 == 0)))
        for number in range(7)
    ]
    assert [each.get("repeated_call", 0) for each in signals] == [0, 2, 3, 4, 5, 6, 7]


def test_another_task_and_another_sender_are_their_own() -> None:
    traffic = Traffic()
    for _ in range(6):
        traffic.call("find", {"q": "x"})
    assert traffic.call("find", {"q": "x"}, sender="writer") == {}
    traffic.task = "other"
    assert traffic.call("find", {"q": "x"}) == {}


def test_a_message_that_is_judged_again_counts_once() -> None:
    traffic = Traffic()
    call = traffic.tool_call("triage", "find", {})
    assert [traffic.see(call) for _ in range(9)] == [{}] * 9


def test_a_cycle_of_calls() -> None:
    traffic, seen = Traffic(), []
    for _ in range(5):
        seen += [traffic.call(tool, {"q": tool}, f"of {tool}").get("cycle", 0) for tool in ("find", "read", "tell")]
    assert max(seen) >= 3


def test_a_cycle_among_agents() -> None:
    traffic, seen = Traffic(), []
    for _ in range(5):
        for sender, target in [("a", "b"), ("b", "c"), ("c", "a")]:
            seen.append(
                traffic.say(sender, target, f"{target}, take this over: the shop is out of milk").get("cycle", 0)
            )
    assert max(seen) >= 3


@pytest.mark.parametrize("text", ["please go on", "please go on ({n})", "please go on at 2026-11-24T12:0{n}:00Z"])
def test_ping_pong(text: str) -> None:
    traffic, seen = Traffic(), []
    for number in range(7):
        said = text.format(n=number)
        seen.append(traffic.say("triage", "writer", said, f"you go on {said}").get("ping_pong", 0))
    assert max(seen) >= 7


def test_the_one_who_is_flooded_is_not_conspicuous() -> None:
    traffic = Traffic()
    for number in range(60):
        traffic.say("attacker", "victim", "hello")
        assert (
            traffic.say("victim", "writer", f"work {'ghijkl'[number % 6]} {'m' * number}", f"done {'n' * number}") == {}
        )


def test_open_children_are_counted() -> None:
    traffic = Traffic()
    fan_out = 0.0
    for number in range(40):
        fan_out = max(fan_out, traffic.say("triage", "writer", f"part {'g' * number}", pause=0.01).get("fan_out", 0))
    assert fan_out == 40


def test_answered_children_are_not_open() -> None:
    traffic = Traffic()
    for number in range(60):
        assert "fan_out" not in traffic.say("triage", "writer", f"part {'g' * number}", f"done {'h' * number}")


def test_a_storm_over_many_agents() -> None:
    traffic, storm = Traffic(), 0.0
    for number in range(300):
        storm = max(
            storm, traffic.say(f"a-{number % 30}", f"b-{number % 30}", f"do {'g' * number}", pause=0.0).get("storm", 0)
        )
    assert storm == 288


def test_models_are_asked_the_same() -> None:
    traffic = Traffic()
    body = b'{"model":"m","messages":[{"role":"user","content":"hm"}]}'
    signals = [traffic.see(traffic.envelope("triage", "model-small", Kind.MODEL, body)) for _ in range(20)]
    assert signals[-1]["repeated_call"] == 18


def test_long_prompts_that_grow_are_not_the_same() -> None:
    traffic = Traffic()
    for number in range(20):
        body = b'{"model":"m","messages":["%s"]}' % (b"x" * (20_000 + number))
        assert traffic.see(traffic.envelope("triage", "model-small", Kind.MODEL, body)) == {}


def test_asking_for_the_state_of_a_task_is_no_repetition() -> None:
    traffic = Traffic()
    for _ in range(30):
        envelope = traffic.saying("ext-web", "triage", "", method="GetTask")
        assert traffic.see(envelope, "still working") == {}


def test_listings_are_no_repetition() -> None:
    traffic = Traffic()
    for _ in range(30):
        envelope = traffic.envelope("triage", "tool-crm", Kind.MCP, b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
        assert traffic.see(envelope, "[]") == {}


def test_operators_are_not_watched() -> None:
    traffic = Traffic()
    for _ in range(30):
        assert traffic.call("approvals.list", {}, sender="op-cli") == {}


def test_a_budget_that_burns() -> None:
    ledger = TaskLedger()
    ledger.joins("task", "triage", starts=True, now=1000.0)
    traffic = Traffic(Watch(ledger, ToolCatalog(), {"triage": TaskBudget(messages=20)}))
    burn = 0.0
    for number in range(16):
        ledger.usage("task", "triage").messages += 1
        burn = max(burn, traffic.call("find", {"q": "g" * number}, f"found {'h' * number}").get("burn", 0.0))
    assert burn == 1.0


def test_refusals_are_told_with_what_passes() -> None:
    traffic = Traffic()
    denied = traffic.tool_call("triage", "drop", {})
    counts = [traffic.watch.refuse(denied, 1, traffic.now) for _ in range(7)]
    assert counts == [1, 2, 3, 4, 5, 6, 7]
    assert traffic.call("find", {"q": "x"}) == {"refusals": 7}
    assert traffic.call("find", {"q": "y"}, sender="writer") == {}


def test_what_was_denied_is_not_open() -> None:
    traffic = Traffic()
    for number in range(60):
        call = traffic.saying("triage", "writer", f"part {'g' * number}")
        assert "fan_out" not in traffic.see(call)
        traffic.watch.refuse(call, number, traffic.now)


def test_forgetting_a_principal() -> None:
    traffic = Traffic()
    for _ in range(8):
        traffic.call("find", {})
    traffic.watch.forget("triage")
    assert traffic.call("find", {}) == {}


def test_an_extracting_caller() -> None:
    traffic = Traffic()
    for number in range(150):
        traffic.task = f"task-{number}"
        word = "".join(chr(103 + int(digit)) for digit in str(number))
        traffic.say(
            "ext-a",
            "desk",
            f"Explain step by step how one would solve the puzzle about the {word} and its friends",
            word,
        )
        traffic.watch.tick(traffic.now)
    assert traffic.say("ext-a", "desk", "One more question") == {"extraction": 1.0}
    assert traffic.say("ext-b", "desk", "One more question") == {}


def test_answers_nobody_asked_for_here() -> None:
    traffic = Traffic()
    unseen = traffic.tool_call("triage", "find", {})
    answer = traffic.answer_to(unseen, "x")
    assert traffic.watch.see(answer, traffic.about(answer, unseen)) == {}
    assert traffic.watch.see(answer, traffic.about(answer)) == {}


def test_hostile_tasks_and_principals_fill_no_memory() -> None:
    watch = Watch(TaskLedger(), ToolCatalog())
    for number in range(30_000):
        envelope = Envelope(str(number), f"ext-{number % 3000}", "desk", Kind.EVENT, b"", task=f"t{number}")
        watch.see(envelope, Circumstances(float(number), Action()))
    assert len(watch._trails) <= 8193
    traffic = Traffic(watch)
    for number in range(5000):
        traffic.task = f"t{number}"
        traffic.say(f"a-{number}", f"b-{number}", "x")
    assert len(watch._gatherings) <= 4097
    assert len(watch._agents) <= 513


ODD_BODY = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"{}", b"[]", b"null", b'{"params":null}', b'{"params":{"message":null}}', b'{"result":null}',
            b'{"result":{"task":null}}', b'{"result":{"content":[]}}', b'{"result":{"task":{"artifacts":null}}}',
            json.dumps({"params": {"message": {"parts": [{"text": "é\0"}, {"data": [1]}]}}}).encode(),
        ]
    ),
)  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["triage", "ext-a", "op-cli"]),
            st.sampled_from(list(Kind)),
            ODD_BODY,
            ODD_BODY,
            st.sampled_from(["", "find"]),
            st.floats(0, 1e4),
        ),
        max_size=40,
    )
)
def test_never_raises_and_is_deterministic(messages: list[tuple[str, Kind, bytes, bytes, str, float]]) -> None:
    one, other = Watch(TaskLedger(), ToolCatalog()), Watch(TaskLedger(), ToolCatalog())
    for number, (sender, kind, body, answer, tool, now) in enumerate(messages):
        about = Circumstances(now, Action("SendMessage" if kind is Kind.A2A else "tools/call", tool, "", body))
        request = Envelope(str(number), sender, "desk", kind, body, task="t")
        reply = Envelope(f"r{number}", "desk", sender, Kind.REPLY, answer, request_kind=kind, task="t")
        assert one.see(request, about) == other.see(request, about)
        for watch in (one, other):
            assert watch.see(reply, Circumstances(now, Action(), request)) == {}
            watch.tick(now)
