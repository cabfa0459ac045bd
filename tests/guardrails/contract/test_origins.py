"""What a task has read, within its bounds."""

from lictor.guardrails.contract.origins import OriginStore, Speaker, TaskOrigins


def test_texts_are_kept_with_what_is_known_of_them() -> None:
    origins = TaskOrigins()
    size = origins.add(
        Speaker.TOOL,
        "read",
        "text",
        b'{"a": 1}',
        server="tool-x",
        untrusted=False,
        message="m1",
        arguments={"p": ["q"]},
    )

    (origin,) = origins.kept
    assert size == origins.size == 4 + 8
    assert (origin.name, origin.server, origin.untrusted, origin.message) == ("read", "tool-x", False, "m1")
    assert origin.arguments == ((("p", "0"), "q"),)
    assert origins.add(Speaker.TOOL, "read", "") == 0


def test_calls_are_counted_by_both_names() -> None:
    origins = TaskOrigins()
    origins.count("a", "tool-x", "send")
    origins.count("a", "tool-y", "send")

    assert origins.called("a", "send") == 2
    assert origins.called("a", "tool-x/send") == 1
    assert origins.called("b", "send") == 0


def test_too_much_is_not_kept_and_says_so() -> None:
    origins = TaskOrigins()
    for _ in range(8):
        origins.add(Speaker.TOOL, "read", "x" * 131_072)
    assert not origins.overflow
    assert origins.add(Speaker.TOOL, "read", "more") == 0
    assert origins.overflow

    many = TaskOrigins()
    for _ in range(600):
        many.add(Speaker.TOOL, "read", "x")
    assert (len(many.kept), many.overflow) == (512, True)

    cut = TaskOrigins()
    cut.add(Speaker.TOOL, "read", "x" * 300_000)
    assert cut.overflow


def test_a_forgotten_task_cannot_begin_again() -> None:
    store = OriginStore(most=2)
    first = store.begin("t1")
    assert first is not None
    assert store.begin("t1") is first
    store.begin("t2")
    store.find("t1")
    store.begin("t3")

    assert store.find("t2") is None
    assert store.is_forgotten("t2")
    assert store.begin("t2") is None
    assert store.find("t1") is first


def test_who_has_most_loses_first() -> None:
    store = OriginStore(most_kept=1000)
    store.begin("mine", "op-cli")
    store.keep("mine", 20)
    for number in range(600):
        origins = store.begin(f"t{number}", "ext-mallory")
        assert origins is not None
        store.keep(f"t{number}", origins.add(Speaker.PROMPT, "ext-mallory", "x" * 130))

    assert store.find("mine") is not None
    assert store.is_forgotten("t0")
    assert store.find("t599") is not None

    counted = OriginStore(most=10)
    counted.begin("mine", "op-cli")
    for number in range(60):
        counted.begin(f"t{number}", "ext-mallory")
    assert counted.find("mine") is not None
    assert counted.find("t50") is None


def test_one_owners_latest_task_is_kept() -> None:
    store = OriginStore(most_kept=100)
    store.begin("t1", "op-cli")
    store.keep("t1", 200)
    store.keep("strange", 200)

    assert store.find("t1") is not None


def test_all_tasks_together_have_a_bound() -> None:
    store = OriginStore(most_kept=100)
    store.begin("t1")
    store.keep("t1", 80)
    store.begin("t2")
    store.keep("t2", 30)

    assert store.find("t2") is not None
    assert store.is_forgotten("t1") or store.find("t1") is not None


def test_much_text_is_searched_before_a_call_asks() -> None:
    origins = TaskOrigins()
    origins.add(Speaker.TOOL, "read", "7 " * 60_000)
    origins.prepare(["number"])
    assert len(origins.unsearched) == 1
    origins.add(Speaker.TOOL, "read", "8 " * 60_000)
    origins.prepare(["number"])

    assert origins.unsearched == [origins.kept[1].text]
    assert origins.kept[0].text.values("number") == {"7"}
