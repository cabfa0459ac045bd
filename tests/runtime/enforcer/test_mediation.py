"""The core as a conversation: what passes, what is refused, and that nothing ever passes by a fault."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playbook import (
    A2A,
    LIST,
    MODEL,
    NOTHING,
    RESULT,
    START,
    TASK,
    Playbook,
    agent,
    answered,
    answers,
    call,
    delivered,
    listing,
    lost,
    refused,
    says,
    started,
    team,
    waits,
)

from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.verdict import Outcome, Verdict
from lictor.protocols import headers as names
from lictor.protocols.envelope import Envelope, Packet
from lictor.protocols.headers import read_headers, write_headers
from lictor.protocols.identifiers import is_id, new_id
from lictor.protocols.record import unpack
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.mediation import Mediation


@pytest.fixture
def play() -> Playbook:
    return Playbook()


# What passes


def test_a_request_and_its_answer(play: Playbook) -> None:
    play >> says("op-cli", "triage") << delivered("triage", sender="op-cli", Lictor_Task=TASK, Lictor_Hops="1")
    request = play.last
    assert request.body == A2A
    assert play.entry.outcome == "allow"
    asked = [verdict.layer for verdict in play.entry.verdicts]
    assert asked == ["identify", "admit", "route", "flow", "content", "behaviour"]
    play >> answers(request) << answered("op-cli", RESULT, Lictor_Task=TASK)
    assert play.entry.kind == "reply"
    assert play.entry.in_reply_to == play.entries[0].id
    assert (play.entry.sender, play.entry.target) == ("triage", "op-cli")


def test_delegation_tools_and_models_along_their_edges(play: Playbook) -> None:
    started(play)
    play >> says("triage", "writer") << delivered("writer", sender="triage", Lictor_Hops="2")
    to_writer = play.last
    play >> says("writer", "model-small") << delivered("model-small", sender="writer", Lictor_Hops="3")
    play >> answers(play.last, b'{"usage":{"total_tokens":7}}') << answered("writer")
    play >> answers(to_writer) << answered("triage")
    play >> says("triage", "tool-crm", call("find_ticket")) << delivered("tool-crm")
    assert play.entry.method == "find_ticket"
    play >> answers(play.last) << answered("triage")


def test_a_streamed_answer_ends_with_its_last_part(play: Playbook) -> None:
    started(play)
    play >> says("triage", "writer") << delivered("writer")
    play >> says("writer", "model-small") << delivered("model-small")
    request = play.last
    play >> answers(request, b"{}", end=False) << answered("writer", Lictor_End="0")
    play >> answers(request, b"{}", end=False) << answered("writer", Lictor_End="0")
    play >> answers(request, b"{}") << answered("writer", Lictor_End="")
    play >> answers(request, b"{}") << NOTHING
    assert play.entry.verdicts[0].code == "identify.unasked"
    ids = [entry.id for entry in play.entries]
    assert len(set(ids)) == len(ids)


def test_several_packets_of_one_read_have_one_record_ahead_of_them(play: Playbook) -> None:
    play >> [says("op-cli", "triage"), says("op-cli", "writer", task="task-2"), says("op-a", "nobody", task="task-3")]
    play << delivered("triage") << delivered("writer") << refused("op-a", "route.no_edge")
    assert len(play.batches) == 1
    assert [entry.outcome for entry in play.entries] == ["allow", "allow", "deny"]


def test_who_waits_for_no_answer_gets_none(play: Playbook) -> None:
    play >> says("op-cli", "triage", reply="") << delivered("triage")
    play >> answers(play.last) << NOTHING
    play >> says("op-cli", "triage", reply="") << delivered("triage")
    assert play.take(play.core.lose("triage")) << NOTHING
    assert play.entry.outcome == "lost"


# What may not pass


def test_names_and_places_of_a_missing_edge(play: Playbook) -> None:
    play >> says("op-cli", "clerk") << delivered("clerk")
    reason = "clerk may not message writer: no such edge (clerk has no delegates)"
    (
        play
        >> says("clerk", "writer")
        << refused("clerk", "route.no_edge", reason, file="desk.yaml", line=12, layer="route")
    )
    assert play.entry.outcome == "deny"
    assert play.entry.verdicts[-1].reason == reason


def test_outside_callers_reach_what_is_exposed(play: Playbook) -> None:
    play >> says("ext-shop", "triage") << delivered("triage")
    play >> answers(play.last) << answered("ext-shop")
    play >> says("ext-shop", "writer", task="t2") << refused("ext-shop", "route.no_edge", "not exposed")


def test_tools_by_their_permit(play: Playbook) -> None:
    started(play)
    (
        play
        >> says("triage", "tool-crm", call("find_secret"))
        << refused("triage", "route.tool_not_permitted", "denies it")
    )
    asked = waits("triage", "route.tool_asks", "its permit asks for an approval")
    play >> says("triage", "tool-crm", call("export")) << asked << waits("op-cli")
    play >> says("triage", "tool-crm", call("")) << refused("triage", "route.tool_not_permitted", "names no tool")
    (
        play
        >> says("triage", "tool-crm", b'{"method":"resources/read"}')
        << refused("triage", "route.method_not_permitted")
    )
    play >> says("triage", "tool-crm", b'{"method":"Tools/Call"}') << refused("triage", "route.method_not_permitted")


@pytest.mark.parametrize(
    "body",
    [
        b'{"method":"tools/call","params":{"name":"find_a","arguments":{"to":"evil","to":"bob"}}}',
        b'{"method":"tools/call","params":{"name":"find_secret","name":"find_a","arguments":{"to":"bob"}}}',
        b'{"method":"tools/call","params":{"name":"x"},"params":{"name":"find_a","arguments":{"to":"bob"}}}',
        b'{"method":"tools/call","params":{"n\\u0061me":"x","name":"find_a","arguments":{"to":"bob"}}}',
    ],
)
def test_what_is_delivered_is_what_was_judged(play: Playbook, body: bytes) -> None:
    started(play)
    play >> says("triage", "tool-crm", body) << delivered("tool-crm")
    assert play.last.body == b'{"method":"tools/call","params":{"name":"find_a","arguments":{"to":"bob"}}}'
    assert play.entry.body == play.last.body


def test_read_only_tools_are_learned_from_listings(play: Playbook) -> None:
    started(play)
    peek = says("triage", "tool-crm", call("peek"))
    play >> peek << waits("triage", "route.tool_asks", "does not say that it only reads") << waits("op-cli")
    play >> says("triage", "tool-crm", LIST, task="") << delivered("tool-crm")
    play >> answers(play.last, listing(peek=True, poke=None)) << answered("triage")
    play >> peek << delivered("tool-crm")
    play >> answers(play.last, listing(poke=True)) << answered("triage")
    play >> says("triage", "tool-crm", call("poke")) << waits("triage", "route.tool_asks") << waits("op-cli")
    (
        play
        >> says("triage", "tool-crm", call("find_secret"))
        << refused("triage", "route.tool_not_permitted", "denies it")
    )


def test_a_listing_counts_only_as_the_servers_own_answer(play: Playbook) -> None:
    started(play)
    play >> says("triage", "writer") << delivered("writer")
    play >> answers(play.last, listing(peek=True)) << answered("triage")
    play >> says("triage", "tool-crm", LIST) << delivered("tool-crm")
    play >> answers(play.last, listing(peek=True), by="writer") << NOTHING
    play >> says("triage", "tool-crm", call("peek")) << waits("triage", "route.tool_asks") << waits("op-cli")


def test_the_enforcer_asks_servers_itself(play: Playbook) -> None:
    play.take(play.core.ask_tools(["tool-crm"])) << delivered("tool-crm", sender="enforcer")
    question = play.last
    assert json.loads(question.body)["method"] == "tools/list"
    play >> answers(question, listing(peek=True), by="triage") << NOTHING
    play >> answers(question, listing(peek=True)) << NOTHING
    assert play.entry.outcome == "allow"
    started(play)
    play >> says("triage", "tool-crm", call("peek")) << delivered("tool-crm")


def test_a_tool_server_that_is_not_up_yet_is_no_loss_on_record(play: Playbook) -> None:
    play.take(play.core.ask_tools(["tool-crm"])) << delivered("tool-crm", sender="enforcer")
    question = play.last
    assert play.core.receive(Packet(question.reply, b"", b"NATS/1.0 503\r\n\r\n")) == []


def test_user_rules_win(play: Playbook, tmp_path: pytest.TempPathFactory) -> None:
    rule = tmp_path / "office.rego"  # type: ignore[operator]
    rule.write_text(
        'package lictor.user.office\nimport rego.v1\ndeny contains "not that much" if input.arguments.amount > 100\n'
    )
    play = Playbook(build_mediation(team(policies=(rule,)), clock=lambda: play.now))
    started(play)
    play >> says("triage", "tool-crm", call("find_a", amount=100)) << delivered("tool-crm")
    refusal = refused(
        "triage", "user.office", "not that much", file=str(rule), line=3, rule="data.lictor.user.office.deny"
    )
    play >> says("triage", "tool-crm", call("find_a", amount=101)) << refusal
    play >> says("triage", "tool-crm", call("find_a", amount=100)) << delivered("tool-crm")


# Identity


def test_replayed_packets(play: Playbook) -> None:
    packet = says("op-cli", "triage").packet(play.now)
    play >> packet << delivered("triage")
    play >> packet << refused("op-cli", "identify.replayed")
    assert play.entries[0].id in play.entry.verdicts[0].reason
    assert play.entry.id != play.entries[0].id
    play.after(59.0) >> packet << refused("op-cli", "identify.replayed")
    play.after(10.0) >> packet << refused("op-cli", "identify.stale")


def test_ids_of_others_cannot_be_used_again(play: Playbook) -> None:
    request = started(play)
    taken = read_headers(request.headers)[names.MESSAGE]
    play >> says("triage", "writer", headers={names.MESSAGE: taken}) << refused("triage", "identify.replayed")


def test_ids_from_before_the_start_and_from_the_future(play: Playbook) -> None:
    early, late = new_id(START - 20), new_id(START + 20)
    play >> says("op-cli", "triage", headers={names.MESSAGE: early}) << refused("op-cli", "identify.stale")
    play >> says("op-cli", "triage", headers={names.MESSAGE: late}) << refused("op-cli", "identify.future")


@pytest.mark.parametrize("identifier", ["", "x", "0" * 31, "0" * 33, "Z" * 32, "A" * 32])
def test_odd_ids(play: Playbook, identifier: str) -> None:
    said = says("op-cli", "triage", headers={names.MESSAGE: identifier})
    play >> said << refused("op-cli", "identify.malformed", "not an id")


def test_foreign_and_missing_tasks(play: Playbook) -> None:
    started(play)
    play >> says("writer", "triage") << refused("writer", "identify.foreign_task", f"writer has no part in task {TASK}")
    play >> says("ext-shop", "triage") << refused("ext-shop", "identify.foreign_task")
    play >> says("op-b", "triage") << refused("op-b", "identify.foreign_task")
    play >> says("triage", "writer", task="") << refused("triage", "identify.no_task")
    play >> says("triage", "writer", task="made-up") << refused("triage", "identify.foreign_task")
    play >> says("triage", "writer", b'{"method":"ping"}', task="") << refused("triage", "identify.no_task")


def test_only_who_was_asked_may_answer(play: Playbook) -> None:
    request = started(play)
    play >> answers(request, by="writer") << NOTHING
    assert play.entry.verdicts[0].code == "identify.unasked"
    play >> answers(request, by="tool-crm") << NOTHING
    forged = Packet(f"lictor.out.triage.reply.enforcer.{'0' * 24}", RESULT, request.headers)
    play >> forged << NOTHING
    other = Packet(request.reply.replace(".enforcer.", ".enforcer-2."), RESULT, request.headers)
    play >> other << NOTHING
    play >> answers(request) << answered("op-cli")


def test_an_answer_cannot_name_its_target_or_task(play: Playbook) -> None:
    request = started(play)
    forged = {names.TASK: "other", names.CONTEXT: "other", names.HOPS: "0", names.PARENT: "0" * 32}
    said = answers(request, headers=forged).packet(play.now)
    play >> Packet(said.subject, said.body, said.headers, "_INBOX_writer.x") << answered("op-cli", Lictor_Task=TASK)
    assert (play.entry.task, play.entry.context, play.entry.target) == (TASK, "", "op-cli")


@pytest.mark.parametrize(
    "reply",
    [
        "_INBOX_writer.one.1",
        "_INBOX_triage",
        "_INBOX_triagex.1",
        "_INBOX_triage.",
        "_INBOX_triage..x",
        "_INBOX_triage.>",
        "_INBOX_triage.*",
        "_INBOX_triage.a b",
        "_INBOX_triage.a\r\nPUB lictor.in.writer.a2a.x 0\r\n",
        f"_INBOX_triage.{'x' * 300}",
        "lictor.in.writer.a2a.triage",
        "lictor.out.triage.a2a.writer",
        "lictor.record.enforcer",
        "lictor.control.lost",
        "_INBOX_enforcer.record",
        "$JS.API.STREAM.LIST",
        "$SYS.REQ.SERVER.PING",
    ],
)
def test_the_enforcer_is_nobodys_deputy(play: Playbook, reply: str) -> None:
    started(play)
    play >> says("triage", "writer", reply=reply) << NOTHING
    assert play.entry.verdicts[0].code == "identify.foreign_reply"
    assert play.entry.outcome == "deny"


def test_nobody_answers_the_record_through_the_enforcer(play: Playbook) -> None:
    play >> says("enforcer", "triage", reply="_INBOX_enforcer.record") << refused("enforcer", "identify.foreign_task")


def test_headers_of_the_enforcer_are_stripped(play: Playbook) -> None:
    claimed = {
        names.LABELS: "public",
        names.VERDICT: "allow; all",
        names.REFUSED: "{}",
        names.LOST: "writer",
        "Nats-Msg-Id": "1",
        "lictor-task": "x",
    }
    play >> says("op-cli", "triage", headers=claimed) << delivered("triage", Lictor_Verdict="allow")
    request = play.last
    assert set(read_headers(request.headers)) == {names.MESSAGE, names.VERDICT, names.TASK, names.HOPS}
    play >> answers(request, headers=claimed) << answered("op-cli", Lictor_Verdict="allow")
    assert set(read_headers(play.last.headers)) <= {names.MESSAGE, names.VERDICT, names.TASK, names.HOPS, names.PARENT}


def test_hops_are_counted_not_claimed(play: Playbook) -> None:
    started(play)
    for hops in range(2, 9):
        sender, target = ("triage", "writer") if hops % 2 == 0 else ("writer", "triage")
        play >> says(sender, target, headers={names.HOPS: "0"}) << delivered(target, Lictor_Hops=str(hops))
        assert play.entry.hops == hops
    play >> says("writer", "triage", headers={names.HOPS: "0"}) << refused("writer", "admit.budget_depth")


def test_hops_of_the_whole_team_have_a_limit() -> None:
    now = START
    play = Playbook(build_mediation(team(max_hops=3), clock=lambda: now))
    started(play)
    play >> says("triage", "writer") << delivered("writer")
    play >> says("writer", "triage") << delivered("triage")
    play >> says("triage", "writer") << refused("triage", "admit.hops", "max_hops")


# Bodies


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"not json",
        b'{"method":1}',
        b'{"method":"a"} trailing',
        b'{"method":"a"}{"method":"b"}',
        b'[{"method":"tools/call"}]',
        b'\xef\xbb\xbf{"method":"a"}',
        b'{"method":"\xff"}',
        b'{"method":"tools/call","x":"\xff"}',
        b'{"method":"a\\ud800"}',
        b'{"method":"a","x":NaN}',
        b'{"method":"tools/call","params":null}',
        b'{"method":"tools/call","params":[]}',
        b'{"method":"tools/call","params":{"name":null}}',
        b'{"method":"tools/call","params":{"name":{"x":1}}}',
        b'{"method":"a","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"method":"tools/call","params":{"name":"find_a","arguments":'
        + b'{"a":' * 50_000
        + b"1"
        + b"}" * 50_000
        + b"}}",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_bodies_that_cannot_be_read_are_refused(play: Playbook, body: bytes) -> None:
    started(play)
    play >> says("triage", "tool-crm", body) << refused("triage", "identify.malformed")


@pytest.mark.parametrize(
    "body",
    [
        b'{"method":"tools/call","params":{"name":"find_a","name":"find_secret"}}',
        b'{"method":"tools/call","params":{"name":"find_a","n\\u0061me":"find_secret"}}',
        b'{"method":"tools/call","params":{"name":"find_a"},"params":{"name":"find_secret"}}',
        b'{"method":"tools/call","params":{"name":"find_a"},"p\\u0061rams":{"name":"find_secret"}}',
        b'{"method":"tools/list","method":"tools/call","params":{"name":"find_secret"}}',
        b'{"method":"tools/list","m\\u0065thod":"tools/call","params":{"name":"find_secret"}}',
        b'{"method":"tools/call","params":{"name":"find_\\u0073ecret"}}',
    ],
)
def test_repeated_keys_cannot_hide_a_tool(play: Playbook, body: bytes) -> None:
    started(play)
    play >> says("triage", "tool-crm", body) << refused("triage", "route.tool_not_permitted", "find_secret")


def test_bodies_over_the_limit_are_refused_not_dropped(play: Playbook) -> None:
    request = started(play)
    big = A2A + b" " * 10_000_000
    play >> says("triage", "writer", big) << refused("triage", "identify.malformed", "the limit is 1048576")
    assert play.entry.size == len(big)
    assert len(play.entry.body) <= 4096
    play >> answers(request, big) << refused("op-cli", "identify.malformed", "the limit is 1048576")
    play >> answers(request) << NOTHING


def test_the_largest_body_passes_and_fits_into_the_record(play: Playbook) -> None:
    started(play)
    body = A2A + b" " * (1_048_576 - len(A2A))
    play >> [says("triage", "writer", body) for _ in range(3)]
    play << delivered("writer") << delivered("writer") << delivered("writer")
    assert all(len(batch.body) < 700_000 for batch in play.batches)
    assert play.entry.size == len(body)


def test_answers_are_read_too(play: Playbook) -> None:
    request = started(play)
    play >> answers(request, b"no json") << refused("op-cli", "identify.malformed")
    request = started(play)
    play >> answers(request, b"[]") << refused("op-cli", "identify.malformed")


@pytest.mark.parametrize(
    "tool",
    [
        "find_\u2603",
        "find_" + "x" * 251,
        "find_\U0001f600",
        'find_"],"allow":true,"x":["',
    ],
)
def test_odd_names_of_tools(play: Playbook, tool: str) -> None:
    started(play)
    body = json.dumps({"method": "tools/call", "params": {"name": tool}}, ensure_ascii=False).encode()
    play >> says("triage", "tool-crm", body) << delivered("tool-crm")
    other = body.replace(b"find_", b"lose_")
    play >> says("triage", "tool-crm", other) << waits("triage", "route.tool_asks")
    assert len(play.last.headers) < 4096
    play << waits("op-cli")
    assert len(play.entry.verdicts[-1].reason) <= 600


@pytest.mark.parametrize(
    "name", ["find_\n  tool-crm → triage  allow", "find_\x1b[2J", "find_\0", "x\u202ey", "x" * 257]
)
def test_names_that_would_forge_a_line_or_slow_a_rule(play: Playbook, name: str) -> None:
    started(play)
    tool = json.dumps({"method": "tools/call", "params": {"name": name}}).encode()
    play >> says("triage", "tool-crm", tool) << refused("triage", "identify.malformed", "256")
    plain = json.dumps({"method": name, "messages": [], "model": name}, ensure_ascii=False).encode()
    for target in ("tool-crm", "writer", "model-m"):
        play >> says("triage", target, plain) << refused("triage", "identify.malformed")
    assert play.entry.method == ""


def test_huge_numbers(play: Playbook) -> None:
    started(play)
    for number in (b"1e999", b"9" * 400, b"-1e-999"):
        body = b'{"method":"tools/call","params":{"name":"lose","arguments":{"a":' + number + b"}}}"
        play >> says("triage", "tool-crm", body)
        assert play.entry.outcome in {"deny", "hold"}
        play.out.clear()
    for header in (names.HOPS, names.DEADLINE):
        for value in ("9" * 17, "-1", "1.5", "1e3", "0x1"):
            play >> says("triage", "writer", headers={header: value}) << refused("triage", "identify.malformed")


def test_events_are_for_nobody_yet(play: Playbook) -> None:
    started(play)
    play >> says("triage", "writer", b"\xff\x00 anything", kind="event") << refused("triage", "route.no_edge", "events")
    play >> says("triage", "writer", kind="event", reply="", task="") << NOTHING
    assert play.entry.outcome == "deny"


@pytest.mark.parametrize(
    "subject",
    [
        "lictor.out.triage.shout.writer",
        "lictor.out.triage.a2a.writer.more",
        "lictor.out.triage.a2a",
        "lictor.out.triage.a2a.WRITER",
        "lictor.out.triage.a2a.*",
        "lictor.out.triage.reply.enforcer",
        "lictor.out.triage.reply.enforcer.x!",
        "lictor.out.triage..writer",
        "lictor.out.triage",
    ],
)
def test_subjects_outside_the_grammar(play: Playbook, subject: str) -> None:
    said = says("triage", "writer").packet(play.now)
    play >> Packet(subject, said.body, said.headers, "_INBOX_triage.x.1")
    for packet in play.out:
        assert packet.subject == "_INBOX_triage.x.1"
        assert names.REFUSED in read_headers(packet.headers)
    assert play.entry.outcome == "deny"


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"HTTP/1.1\r\n\r\n",
        b"NATS/1.0\r\nLictor-Message: x",
        b"NATS/1.0\r\nLictor-Message: \xff\r\n\r\n",
        b"NATS/1.0\r\nLictor-Message\r\n\r\n",
        b"NATS/1.0\r\n" + b"A: b\r\n" * 2 + b"\r\n",
        b"NATS/1.0\r\n" + b"".join(b"A%d: b\r\n" % n for n in range(40)) + b"\r\n",
        b"NATS/1.0\r\nA: " + b"x" * 5000 + b"\r\n\r\n",
        b"NATS/1.0\r\nA: a\nLictor-Task: t\r\n\r\n",
        b"NATS/1.0 503\r\n\r\n",
    ],
)
def test_odd_header_blocks(play: Playbook, block: bytes) -> None:
    play >> Packet("lictor.out.op-cli.a2a.triage", A2A, block, "_INBOX_op-cli.1")
    play << refused("op-cli", "identify.malformed")


# What waits


def test_a_target_that_is_not_there(play: Playbook) -> None:
    request = started(play)
    play >> Packet(request.reply, b"", b"NATS/1.0 503\r\n\r\n") << lost("op-cli", "triage")
    assert play.entry.outcome == "lost"
    play >> Packet(request.reply, b"", b"NATS/1.0 503\r\n\r\n") << NOTHING
    play >> answers(request) << NOTHING


def test_a_target_that_goes_away(play: Playbook) -> None:
    request = started(play)
    play.take(play.core.lose("writer")) << NOTHING
    play.take(play.core.lose("triage")) << lost("op-cli", "triage")
    play >> answers(request) << NOTHING


def test_late_answers(play: Playbook) -> None:
    deadline = str(int((play.now + 10) * 1000))
    (
        play
        >> says("op-cli", "triage", headers={names.DEADLINE: deadline})
        << delivered("triage", Lictor_Deadline=deadline)
    )
    request = play.last
    play.after(10.5).take(play.core.tick()) << NOTHING
    play.after(1.0).take(play.core.tick()) << NOTHING
    assert play.entry.outcome == "expired"
    play >> answers(request) << NOTHING
    play >> says("op-cli", "triage", headers={names.DEADLINE: deadline}) << refused("op-cli", "admit.late")


def test_nobody_may_have_too_much_open() -> None:
    now = START
    core = build_mediation(team(rate=(100_000, 1.0)), clock=lambda: now)
    play = Playbook(core)
    for _ in range(1000):
        play >> says("op-cli", "triage") << delivered("triage")
    play >> says("op-cli", "triage") << refused("op-cli", "admit.unanswered")
    play >> says("op-b", "triage", task="t2") << delivered("triage")


def test_everyone_is_told_of_a_start(play: Playbook) -> None:
    play.take(play.core.announce(["triage", "op-cli"])) << lost("triage", "enforcer")
    assert is_id(read_headers(play.last.headers)[names.MESSAGE])
    play << lost("op-cli", "enforcer")


# Rates and budgets


def test_rates() -> None:
    play = Playbook()
    play.mediation = build_mediation(team(rate=(2, 1.0)), clock=lambda: play.now)
    play >> says("op-cli", "triage") << delivered("triage")
    play >> says("op-cli", "triage") << delivered("triage")
    play >> says("op-cli", "triage") << refused("op-cli", "admit.rate", "more than 2 messages in 1 s")
    play >> says("op-b", "triage", task="t2") << delivered("triage")
    play.after(0.5) >> says("op-cli", "triage") << delivered("triage")


def test_budgets() -> None:
    play = Playbook()
    agents = (agent("triage", 2, messages=4, tool_calls=1), agent("writer", 8, tokens=10, time=5.0))
    play.mediation = build_mediation(team(agents=agents), clock=lambda: play.now)
    started(play)
    play >> says("triage", "writer") << delivered("writer")
    play >> says("writer", "model-small") << delivered("model-small")
    play >> answers(play.last, b'{"usage":{"total_tokens":10}}') << answered("writer")
    (
        play
        >> says("writer", "model-small")
        << refused("writer", "admit.budget_tokens", "10 used", file="desk.yaml", line=8)
    )
    play >> says("triage", "tool-crm", call("find_a")) << delivered("tool-crm")
    play >> says("triage", "tool-crm", call("find_a")) << refused("triage", "admit.budget_tool_calls")
    play >> says("triage", "writer") << delivered("writer")
    play >> says("triage", "writer") << delivered("writer")
    play >> says("triage", "writer") << refused("triage", "admit.budget_messages", "4 messages")
    play.after(6.0) >> says("writer", "triage") << refused("writer", "admit.budget_tokens")
    started_at = play.now
    play >> says("op-cli", "writer", task="t2") << delivered("writer")
    play.after(5.0) >> says("writer", "triage", task="t2") << refused("writer", "admit.budget_time")
    assert play.now == started_at + 5.0


@pytest.mark.parametrize("usage", [b"null", b'{"total_tokens":-5}', b'{"total_tokens":null}', b"{}"])
def test_odd_usage_never_pays_back(play: Playbook, usage: bytes) -> None:
    started(play)
    play >> says("triage", "writer") << delivered("writer")
    play >> says("writer", "model-small", MODEL) << delivered("model-small")
    play >> answers(play.last, b'{"usage":' + usage + b"}") << answered("writer")


# Faults


class Broken:
    """A layer that does not do what a layer must."""

    name = "broken"

    def __init__(self, does: Callable[[], object]) -> None:
        self._does = does

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        return self._does()  # type: ignore[return-value]


def raises() -> object:
    raise ZeroDivisionError("no")


@pytest.mark.parametrize("does", [raises, lambda: None, lambda: "allow", lambda: True, lambda: Verdict("x", "allow")])  # type: ignore[arg-type]
def test_a_layer_that_fails_denies(does: Callable[[], object]) -> None:
    play = Playbook(Mediation("enforcer", [Broken(does)], TaskLedger(), revision=lambda: "r", clock=lambda: START))
    play >> says("op-cli", "triage")
    assert [packet.subject for packet in play.out] == ["_INBOX_op-cli.one.1"]
    assert names.REFUSED in read_headers(play.out[0].headers)
    assert play.entry.outcome == "deny"


def test_no_layer_at_all_denies() -> None:
    play = Playbook(Mediation("enforcer", [], TaskLedger(), revision=lambda: "r", clock=lambda: START))
    play >> says("op-cli", "triage") << refused("op-cli", "pipeline.empty")


def test_what_has_to_wait_is_denied_where_nothing_can() -> None:
    layers = [Broken(lambda: Verdict("broken", Outcome.HOLD, "x.y", "because"))]
    play = Playbook(Mediation("enforcer", layers, TaskLedger(), revision=lambda: "r", clock=lambda: START))
    play >> says("op-cli", "triage") << refused("op-cli", "approval.unavailable", "because")


@pytest.mark.parametrize("outcome", [Outcome.DENY, Outcome.QUARANTINE])
def test_whatever_is_stricter_than_redact_does_not_pass(outcome: Outcome) -> None:
    layers = [Broken(lambda: Verdict("broken", outcome, "x.y", "because"))]
    play = Playbook(Mediation("enforcer", layers, TaskLedger(), revision=lambda: "r", clock=lambda: START))
    play >> says("op-cli", "triage") << refused("op-cli", "x.y", "because", outcome=outcome.word)
    assert play.entry.outcome == outcome.word


def test_a_fault_on_one_message_touches_no_other(play: Playbook, monkeypatch: pytest.MonkeyPatch) -> None:
    reach = TaskLedger.reach

    def fail_once(ledger: TaskLedger, task: str, principal: str, hops: int) -> None:
        monkeypatch.setattr(TaskLedger, "reach", reach)
        raise KeyError(task)

    monkeypatch.setattr(TaskLedger, "reach", fail_once)
    play >> [says("op-cli", "triage"), says("op-cli", "triage")]
    play << refused("op-cli", "identify.failed", "KeyError") << delivered("triage")
    assert [entry.outcome for entry in play.entries] == ["deny", "allow"]


# The record


def test_nothing_passes_before_the_record_has_answered(play: Playbook) -> None:
    (probe,) = play.core.begin()
    assert unpack(probe.body).entries == ()
    play >> says("op-cli", "triage") << refused("op-cli", "record.unavailable", "it has not answered yet")
    assert play.entries == []
    again = play.core.acknowledge([Packet(probe.reply, b"1")])
    play.take(again)
    assert [entry.outcome for entry in play.entries] == ["deny"]
    play >> says("op-cli", "triage") << delivered("triage")


def test_nothing_passes_without_a_recorder(play: Playbook) -> None:
    play.acknowledging = False
    play >> says("op-cli", "triage") << delivered("triage")
    (first,) = play.batches
    play.core.acknowledge([Packet(first.reply, b"", b"NATS/1.0 503\r\n\r\n")])
    assert "no recorder" in play.core.obstacle
    play >> says("op-cli", "triage") << refused("op-cli", "record.unavailable", "no recorder is running")
    request = Packet(play.last.subject, b"")
    assert request.subject
    assert play.core.tick() == []
    play.after(1.0)
    assert play.core.tick() == [first]
    kept = play.core.acknowledge([Packet(first.reply, b"1")])
    assert [unpack(batch.body).sequence for batch in kept] == [2]
    play >> says("op-cli", "triage") << delivered("triage")


def test_answers_do_not_pass_either(play: Playbook) -> None:
    request = started(play)
    play.core.acknowledge([Packet(play.core.record_reply, b"", b"NATS/1.0 503\r\n\r\n")])
    play >> answers(request) << refused("op-cli", "record.unavailable")


def test_a_record_that_keeps_silent(play: Playbook) -> None:
    play.acknowledging = False
    started(play)
    play.after(4.0)
    assert play.core.obstacle == ""
    play.after(2.0)
    play >> says("op-cli", "triage") << refused("op-cli", "record.unavailable", "stored nothing for 5 s")


def test_headers_of_a_packet_that_the_enforcer_writes_can_be_read(play: Playbook) -> None:
    context = {names.CONTEXT: "c", names.PARENT: "p", names.STEP: "s", names.TRACE: "t", names.CONTENT_TYPE: "x/y"}
    play >> says("op-cli", "triage", headers=context) << delivered("triage")
    assert context.items() <= read_headers(play.last.headers).items()
    assert write_headers(read_headers(play.last.headers)) == play.last.headers


# Floods


def test_what_floods_is_not_read_and_recorded_as_a_number() -> None:
    now = START
    play = Playbook(build_mediation(team(rate=(50, 1.0)), clock=lambda: now))
    noise = Packet("lictor.out.clerk.a2a.writer", b"xxx", b"", "_INBOX_clerk.1")
    out = play.core.receive_all([noise] * 30_000 + [says("op-cli", "triage").packet(START)])
    told = [packet for packet in out if packet.subject.startswith("_INBOX_clerk.")]
    assert len(told) == 200, "so many are refused with a reason"
    assert out[-1].subject.startswith("lictor.in.triage.")
    batches = [unpack(packet.body) for packet in out if packet.subject == "lictor.record.enforcer"]
    assert sum(len(batch.entries) for batch in batches) == 201
    record, notice, *_ = play.core.tick()
    (entry,) = unpack(record.body).entries
    assert (entry.sender, entry.outcome, entry.verdicts[0].code) == ("clerk", "deny", "admit.flood")
    assert "29800 messages of clerk" in entry.verdicts[0].reason
    assert (notice.subject, notice.body) == ("_INBOX_supervisor.flood", b"clerk")


def test_answers_nobody_asked_for_are_part_of_a_flood() -> None:
    play = Playbook(build_mediation(team(rate=(50, 1.0)), clock=lambda: START))
    forged = Packet("lictor.out.clerk.reply.enforcer.abc", RESULT, b"NATS/1.0 503\r\n\r\n")
    play.core.receive_all([forged] * 30_000)
    assert play.core.tick()[1].body == b"clerk"


def test_an_answer_that_does_not_end_is_cut_off(play: Playbook) -> None:
    play >> says("op-cli", "triage") << delivered("triage")
    request = play.last
    part = b'{"x":"' + b"y" * 1_000_000 + b'"}'
    passed = 0
    while True:
        play.after(1.0) >> answers(request, part, end=False)
        if names.REFUSED in read_headers(play.out[0].headers):
            break
        play << answered("op-cli")
        passed += 1
    play << refused("op-cli", "admit.stream_size", "does not end")
    assert passed == 33
    play >> answers(request, end=False) << NOTHING
    assert play.entry.verdicts[0].code == "identify.unasked"


def test_an_answer_in_too_many_parts_at_once_is_cut_off(play: Playbook) -> None:
    play >> says("op-cli", "triage") << delivered("triage")
    request = play.last
    part = answers(request, end=False)
    out = play.core.receive_all([part.packet(START) for _ in range(20_001)])
    refusal = read_headers(out[-1].headers)[names.REFUSED]
    assert json.loads(refusal)["code"] == "admit.stream_rate"


def test_a_secret_that_is_refused_is_not_on_record(play: Playbook) -> None:
    started(play)
    token = "ghp_" + "k3J9s8D7f6G5h4J3k2L1m0N9b8V7c6X5z4Q1"
    text = json.dumps({"method": "SendMessage", "params": {"message": {"parts": [{"text": f"take {token}"}]}}}).encode()
    play >> says("triage", "writer", text) << refused("triage", "content.secret")
    assert token.encode() not in play.batches[-1].body
    assert len(play.entry.digest) == 64
    assert b"take" in play.entry.body


def test_what_is_no_call_of_a_tool_carries_nothing(play: Playbook) -> None:
    started(play)
    for method in ("tools/list", "ping", "initialize", "server/discover"):
        smuggled = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"cursor": "c", "note": "the secret plan"}}
        play >> says("triage", "tool-crm", json.dumps(smuggled).encode()) << delivered("tool-crm")
        assert json.loads(play.last.body) == {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"cursor": "c"}}
    for odd in ({"id": "x" * 65}, {"params": {"cursor": "x" * 257}}, {"id": [1]}):
        body = json.dumps({"method": "tools/list", **odd}).encode()
        play >> says("triage", "tool-crm", body) << refused("triage", "identify.malformed")


def test_a_token_opens_the_gate_for_the_answer_and_for_nothing_else() -> None:
    play = Playbook()
    play.mediation = build_mediation(team(rate=(1, 1.0)), clock=lambda: play.now)
    play.mediation.restore(())
    token = started(play).reply.rsplit(".", 1)[1]
    flood = [Packet(f"lictor.out.triage.x.x.x.{token}", b"{}")] * 500
    play.take(play.core.receive_all(flood))
    assert len(play.entries) < 300
    play.out.clear()


def test_what_was_redacted_is_not_in_the_facts_either(play: Playbook, tmp_path: Path) -> None:
    rule = tmp_path / "mail.rego"
    rule.write_text(
        "package lictor.user.mail\nimport rego.v1\n"
        'deny contains "no" if input.arguments.to == "nobody"\n'
        'oblige contains {"do": "redact", "classes": ["pii/email"]} if input.findings["pii/email"]\n'
    )
    play = Playbook(build_mediation(team(policies=(rule,)), clock=lambda: play.now))
    started(play)
    play >> says("triage", "tool-crm", call("find_a", to="bob.smith@example.com")) << delivered("tool-crm")
    assert b"bob.smith" not in play.last.body
    assert play.entry.outcome == "redact"
    assert b"bob.smith" not in play.batches[-1].body
