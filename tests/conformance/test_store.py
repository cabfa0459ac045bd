"""The record's contract, on SQLite and on a real PostgreSQL."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from audited_record import KEY, audited_batches
from postgres import PostgresServer, unusable
from record_entries import AT, a_batch, a_denial, a_question, a_verdict, an_answer, an_approval, an_entry
from sqlalchemy import inspect, text

from lictor.protocols.identifiers import new_id
from lictor.protocols.record import MarkEntry, RecordBatch, ShadowEntry
from lictor.runtime.store import migration
from lictor.runtime.store.audit.auditor import Auditor
from lictor.runtime.store.audit.export import verify_export
from lictor.runtime.store.engines import make_writing, read_url
from lictor.runtime.store.failures import NewerRecord, NoRecord, NotARecord, OlderRecord, StoreError, StoreUnavailable
from lictor.runtime.store.results import MessageFilter
from lictor.runtime.store.store import Store, open_store
from lictor.runtime.store.tables import metadata
from lictor.runtime.store.task_state import RESTARTED

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    if reason := unusable():
        pytest.skip(reason)
    with PostgresServer() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/folder/record.db"
    running: PostgresServer = request.getfixturevalue("server")
    return running.new_database()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


def test_what_is_written_is_read_back_whole(store: Store) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":{"parts":[{"text":"hello"}]}}}'
    entry = an_entry(
        body=body,
        task="t",
        context="c",
        step="s",
        hops=3,
        end=False,
        trace="00-aa-bb-01",
        labels="public",
        outcome="deny",
        verdicts=(
            a_verdict("identify"),
            a_verdict("route", "deny", code="route.no_edge", reason="no such edge", rule="r", file="f.yaml", line=9),
        ),
    )

    assert store.writer.write_batches([a_batch(1, entry)]) == 1

    message = store.reader.message(entry.id)
    assert message is not None
    assert (message.number, message.body, message.said, message.size) == (1, body, "hello", len(body))
    assert (message.at, message.hops, message.ends, message.outcome) == (AT, 3, False, "deny")
    assert (message.task, message.context, message.step, message.trace) == ("t", "c", "s", "00-aa-bb-01")
    assert not message.delivered
    assert [verdict.layer for verdict in message.verdicts] == ["identify", "route"]
    assert message.deciding is not None
    assert (message.deciding.file, message.deciding.line, message.deciding.cost_us) == ("f.yaml", 9, 12.5)


def test_a_batch_is_stored_once_however_often_it_comes(store: Store) -> None:
    first, second = a_batch(1, an_entry(), an_entry()), a_batch(2)

    assert store.writer.write_batches([first]) == 1
    assert store.writer.write_batches([first, second, second, first]) == 1
    assert store.writer.write_batches([second, first]) == 0

    assert [message.number for message in store.reader.messages()] == [1, 2, 3]


def test_a_restarted_enforcer_counts_from_one_again(store: Store) -> None:
    assert store.writer.write_batches([a_batch(1, instance="a")]) == 1
    assert store.writer.write_batches([a_batch(1, instance="b"), a_batch(1, instance="b", enforcer="other")]) == 2
    assert store.reader.last() == 3


def test_an_empty_batch_and_no_batch_at_all_are_fine(store: Store) -> None:
    assert store.writer.write_batches([]) == 0
    assert store.writer.write_batches([RecordBatch("enforcer", 1, (), "i")]) == 1
    assert store.writer.write_batches([RecordBatch("enforcer", 1, (), "i")]) == 0
    assert store.reader.last() == 0


def test_any_text_is_taken_nul_included(store: Store) -> None:
    odd = "żółć \U0001f9a5 \u202e a\0b"
    body = odd.encode() + b"\xff\0"
    entry = an_entry(
        body=body,
        method=odd,
        sender="s" * 9000,
        target="t" * 4000,
        verdicts=(a_verdict(reason=odd * 3000, obligations=(odd,), line=2**64 - 1),),
        hops=10**16,
    )

    store.writer.write_batches([a_batch(1, entry, a_question("t\0t", odd))])

    message = store.reader.message(entry.id)
    assert message is not None
    assert message.body == body
    assert message.method == "żółć \U0001f9a5 \u202e a␀b"
    assert message.verdicts[0].obligations == (odd,)
    assert message.sender == "s" * 256
    (task,) = store.reader.tasks()
    assert task.question == "żółć \U0001f9a5 \u202e a␀b"


def test_a_body_of_ten_megabytes_is_kept_whole_and_left_out_of_lists(store: Store) -> None:
    entry = an_entry(body=b"\0\xff" * 5_000_000)

    store.writer.write_batches([a_batch(1, entry)])

    whole = store.reader.message(entry.id)
    assert whole is not None
    assert whole.body == entry.body
    (listed,) = store.reader.messages()
    assert (listed.body, listed.size) == (b"", 10_000_000)


def test_lists_are_filtered_and_paged_in_the_order_of_the_record(store: Store) -> None:
    entries = [an_entry(at=AT + n, sender=f"a{n % 2}", target="b", task=f"t{n % 3}", kind="mcp") for n in range(10)]
    entries.append(an_entry(outcome="deny", verdicts=a_denial(), at=AT + 100))
    store.writer.write_batches([a_batch(1, *entries)])
    numbers = [message.number for message in store.reader.messages(limit=4)]

    assert numbers == [8, 9, 10, 11]
    assert [m.number for m in store.reader.messages(after=2, limit=3)] == [3, 4, 5]
    assert [m.number for m in store.reader.messages(MessageFilter(sender="a1", task="t0"))] == [4, 10]
    assert [m.number for m in store.reader.messages(MessageFilter(outcome="deny"))] == [11]
    assert [m.number for m in store.reader.messages(MessageFilter(since=AT + 9))] == [10, 11]
    assert [m.number for m in store.reader.messages(MessageFilter(target="b", kind="mcp"), after=8)] == [9, 10]
    assert [m.number for m in store.reader.tail(9)] == [10, 11]
    assert store.reader.tail(11) == []


def test_ids_are_found_by_their_beginning(store: Store) -> None:
    entry, other = an_entry(id="00ab" + "0" * 28), an_entry(id="00ac" + "0" * 28)
    store.writer.write_batches([a_batch(1, entry, other, entry, a_question("Job%1"))])

    assert store.reader.message_ids("00ab") == [entry.id]
    assert store.reader.message_ids("00a") == [entry.id, other.id]
    assert store.reader.message_ids("00%") == []
    assert store.reader.task_ids("Job%") == ["Job%1"]
    assert len(store.reader.messages_with_id(entry.id)) == 2
    assert store.reader.message("ff") is None


def test_a_question_opens_a_task_and_its_answer_closes_it(store: Store) -> None:
    question = a_question("t1", "Why?")
    store.writer.write_batches([a_batch(1, question)])
    (opened,) = store.reader.tasks("working")
    assert (opened.id, opened.owner, opened.agent, opened.question) == ("t1", "op-cli", "triage", "Why?")

    call = an_entry(sender="triage", target="writer", task="t1", parent=question.id)
    reply = an_answer(call, "Because.")
    answer = an_answer(question, "Because!", at=AT + 5)
    store.writer.write_batches([a_batch(2, call, reply), a_batch(3, answer)])

    story = store.reader.task("t1")
    assert story is not None
    assert (story.task.state, story.answer, story.task.answered_by) == ("completed", "Because!", answer.id)
    assert story.task.changed_at == AT + 5
    assert [message.id for message in story.messages] == [question.id, call.id, reply.id, answer.id]
    (root,) = story.tree
    assert [node.message.id for node in root.children] == [call.id, answer.id]
    assert [node.message.id for node in root.children[0].children] == [reply.id]
    assert store.reader.tasks("working") == []
    assert store.reader.task("t2") is None


def test_tasks_fail_or_are_refused_as_their_messages_were(store: Store) -> None:
    lost, refused, late = a_question("lost"), a_question("answer-refused"), a_question("late")
    never = a_verdict("deliver", "deny", code="deliver.lost", reason="triage went away before it answered")
    store.writer.write_batches(
        [
            a_batch(1, lost, refused, late),
            a_batch(2, an_answer(lost, body=b"", outcome="lost", verdicts=(never,))),
            a_batch(3, a_question("denied", outcome="deny", verdicts=a_denial("no such edge"))),
            a_batch(4, an_answer(refused, outcome="deny", verdicts=a_denial("a secret"))),
            a_batch(5, an_answer(late, body=b"", outcome="expired", verdicts=(never,))),
        ]
    )

    states = {task.id: (task.state, task.reason) for task in store.reader.tasks()}
    assert states == {
        "lost": ("failed", "triage went away before it answered"),
        "denied": ("refused", "no such edge"),
        "answer-refused": ("refused", "a secret"),
        "late": ("failed", "triage went away before it answered"),
    }


def test_what_waits_for_an_enforcer_that_was_restarted_has_failed(store: Store) -> None:
    store.writer.write_batches([a_batch(1, a_question("old"))])
    store.writer.write_batches([a_batch(1, a_question("new"), instance="i2")])
    store.writer.write_batches([a_batch(1, a_question("elsewhere", enforcer="e2"), enforcer="e2")])

    assert {task.id: task.state for task in store.reader.tasks()} == {
        "old": "failed",
        "new": "working",
        "elsewhere": "working",
    }
    story = store.reader.task("old")
    assert story is not None
    assert story.task.reason == RESTARTED


def test_many_writers_and_readers_at_once_lose_and_double_nothing(url: str) -> None:
    stores = [open_store(url) for _ in range(4)]
    batches = [a_batch(n, an_entry(), an_entry()) for n in range(1, 41)]
    seen: list[int] = []
    done = threading.Event()

    def write(store: Store) -> int:
        return sum(store.writer.write_batches(batches[start : start + 5]) for start in range(0, 40, 5))

    def follow(store: Store) -> None:
        while not done.is_set() or store.reader.last() > len(seen):
            seen.extend(message.number for message in store.reader.tail(seen[-1] if seen else 0))

    try:
        with ThreadPoolExecutor(5) as pool:
            following = pool.submit(follow, stores[3])
            stored = sum(pool.map(write, stores))
            done.set()
            following.result(30)
        assert stored == 40
        assert seen == list(range(1, 81))
        assert len({message.id for message in stores[0].reader.messages(limit=200)}) == 80
    finally:
        for store in stores:
            store.close()


def test_a_reader_is_not_held_up_by_an_open_write(url: str, store: Store) -> None:
    store.writer.write_batches([a_batch(1)])
    writing, _ = store.engines
    with writing.begin() as connection:
        connection.execute(text("UPDATE messages SET method = 'changed'"))
        assert [message.method for message in store.reader.messages()] == ["SendMessage"]
    assert [message.method for message in store.reader.messages()] == ["changed"]


def test_a_reader_cannot_write(store: Store) -> None:
    _, reading = store.engines
    with reading.connect() as connection, pytest.raises(Exception, match=r"readonly|read-only"):
        connection.execute(text("DELETE FROM messages"))


def test_the_revisions_lead_to_the_tables_that_the_code_expects(url: str, store: Store) -> None:
    inspector = inspect(store.engines[0])
    for table in metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}, table.name
        assert {index["name"] for index in inspector.get_indexes(table.name)} == {i.name for i in table.indexes}
    open_store(url).close()


def test_several_processes_may_make_the_record_at_once(url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        for store in pool.map(open_store, [url] * 6):
            assert store.reader.last() == 0
            store.close()


def test_a_record_of_a_newer_lictor_is_refused(url: str, store: Store) -> None:
    with store.engines[0].begin() as connection:
        connection.execute(text("UPDATE lictor_revision SET version_num = '9999'"))
    for migrating in (True, False):
        with pytest.raises(NewerRecord, match=r"newer Lictor \(revision 9999.*upgrade Lictor"):
            open_store(url, migrate=migrating)


def test_a_database_without_tables_is_no_record_to_read(url: str) -> None:
    engine = make_writing(read_url(url))
    if file := engine.url.database:
        if engine.dialect.name == "sqlite":
            Path(file).parent.mkdir(parents=True)
        with engine.connect():
            pass
    engine.dispose()
    with pytest.raises(NoRecord, match="start a team once"):
        open_store(url, migrate=False)


def test_tables_of_somebody_else_are_left_alone(url: str, tmp_path: Path) -> None:
    engine = make_writing(read_url(url))
    if engine.dialect.name == "sqlite":
        (tmp_path / "folder").mkdir()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tasks (theirs INTEGER)"))
    with pytest.raises(NotARecord, match=r"'tasks' that is not Lictor's"):
        open_store(url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["tasks"]
    engine.dispose()


def test_an_older_record_is_refused_to_readers_and_brought_up_to_date_by_writers(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(url) as store:
        store.writer.write_batches([a_batch(1)])
    future = tmp_path / "migrations"
    shutil.copytree(Path(migration.__file__).parent / "migrations", future)
    (future / "versions" / "revision_9999.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        f"revision, down_revision = '9999', '{migration.newest()}'\n"
        "def upgrade() -> None:\n"
        "    op.add_column('tasks', sa.Column('later', sa.Text, nullable=False, server_default=''))\n"
    )
    monkeypatch.setattr(migration, "_FOLDER", future)

    with pytest.raises(OlderRecord, match="start the team once"):
        open_store(url, migrate=False)
    with open_store(url) as store:
        assert "later" in {column["name"] for column in inspect(store.engines[0]).get_columns("tasks")}
        assert store.reader.last() == 1
    open_store(url, migrate=False).close()


def test_a_migration_that_fails_changes_nothing(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(url).close()
    future = tmp_path / "migrations"
    shutil.copytree(Path(migration.__file__).parent / "migrations", future)
    (future / "versions" / "revision_9999.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        f"revision, down_revision = '9999', '{migration.newest()}'\n"
        "def upgrade() -> None:\n"
        "    op.add_column('tasks', sa.Column('later', sa.Text))\n"
        "    op.execute('SELECT no_such_column FROM tasks')\n"
    )
    with monkeypatch.context() as patch:
        patch.setattr(migration, "_FOLDER", future)
        with pytest.raises(StoreError, match="no_such_column"):
            open_store(url)
    with open_store(url, migrate=False) as store:
        assert "later" not in {column["name"] for column in inspect(store.engines[0]).get_columns("tasks")}


@pytest.mark.xdist_group("postgres")
def test_a_server_that_stops_is_unavailable_and_comes_back(server: PostgresServer) -> None:
    with open_store(server.new_database()) as store:
        store.writer.write_batches([a_batch(1)])
        server.stop()
        try:
            with pytest.raises(StoreUnavailable):
                store.writer.write_batches([a_batch(2)])
            with pytest.raises(StoreUnavailable):
                store.reader.messages()
            with pytest.raises(StoreUnavailable, match="cannot be used"):
                open_store(store.engines[0].url.render_as_string())
        finally:
            server.start()
        assert store.writer.write_batches([a_batch(1), a_batch(2)]) == 1
        assert store.reader.last() == 2


def test_a_task_id_is_not_another_tasks(store: Store) -> None:
    task = new_id()
    store.writer.write_batches(
        [a_batch(1, a_question(task)), a_batch(2, a_question(task, "More?", sender="ext-web", outcome="deny"))]
    )
    (found,) = store.reader.tasks()
    assert (found.owner, found.state, found.question) == ("op-cli", "working", "How do I reset it?")


def test_evidence_is_written_and_read_back_whole(store: Store) -> None:
    facts = b'{"sender":"triage","target":"\xc5\xbc"}'
    entry = an_entry(
        causes='{"untrusted":"m0"}',
        approval="a1",
        sealed=b"\0sealed\xff",
        digest="d" * 64,
        verdicts=(a_verdict("flow", "hold", facts=facts, obligations=("redact:pii/email",)),),
    )
    store.writer.write_batches([a_batch(1, entry)])
    found = store.reader.message(entry.id)
    assert found is not None
    assert (found.causes, found.approval, found.sealed, found.digest) == (
        entry.causes,
        "a1",
        entry.sealed,
        "d" * 64,
    )
    assert (found.link, len(found.chain)) == (1, 32)
    assert (found.verdicts[0].facts, found.verdicts[0].obligations) == (facts, ("redact:pii/email",))


def test_of_an_approval_the_latest_state_is_kept_and_every_state_told(store: Store) -> None:
    pending = an_approval(arguments=b"\0\xff", reason="a\0b")
    done = an_approval(state="approved", by="op-cli", note="fine", at=AT + 5)
    other = an_approval(id="f" * 32, at=AT + 1)
    store.writer.write_batches([a_batch(1, approvals=(pending, other))])
    store.writer.write_batches([RecordBatch("enforcer", 2, (), "i1", (done,)), a_batch(1)])

    (waiting,) = store.reader.approvals("pending")
    assert (waiting.id, waiting.state) == (other.id, "pending")
    assert [each.id for each in store.reader.approvals()] == [other.id, done.id]
    found = store.reader.approval(done.id)
    assert found is not None
    assert (found.state, found.by, found.note, found.at, found.enforcer) == (
        "approved",
        "op-cli",
        "fine",
        AT + 5,
        "enforcer",
    )
    states = store.reader.approval_states(done.id)
    assert [each.state for each in states] == ["pending", "approved"]
    assert (states[0].arguments, states[0].reason) == (b"\0\xff", "a␀b")
    assert [each.state for each in store.reader.approval_states(message=done.message)][:1] == ["pending"]
    assert store.reader.approval_ids("f") == [other.id]
    assert store.reader.approval("0") is None
    store.writer.write_batches([a_batch(9, approvals=(an_approval(at=AT + 1),))])
    again = store.reader.approval(done.id)
    assert again is not None
    assert again.state == "approved", "a batch that was lost and comes again is not the latest"
    assert not [each for each in Auditor(store.engines[1]).verify().problems if "approval" in each.what]


def test_a_task_waits_for_input_while_one_of_its_messages_is_held(store: Store) -> None:
    question = a_question("t1")
    call = an_entry(task="t1", outcome="hold", verdicts=a_denial("not without a person", outcome="hold"), approval="a1")
    store.writer.write_batches([a_batch(1, question, call, approvals=(an_approval(message=call.id, task="t1"),))])
    (task,) = store.reader.tasks()
    assert (task.state, task.held, task.reason) == ("input-required", call.id, "not without a person")

    approved = an_approval(message=call.id, task="t1", state="approved", at=AT + 3)
    store.writer.write_batches([RecordBatch("enforcer", 2, (), "i1", (approved,))])
    (task,) = store.reader.tasks()
    assert (task.state, task.held, task.reason, task.changed_at) == ("working", "", "", AT + 3)


def test_what_was_held_by_an_enforcer_that_is_gone_has_expired(store: Store) -> None:
    question = a_question("t1", outcome="hold", verdicts=a_denial("ask", outcome="hold"))
    pending = an_approval(message=question.id, task="t1")
    store.writer.write_batches([a_batch(1, question, approvals=(pending,))])
    assert store.reader.tasks()[0].state == "input-required"
    store.writer.write_batches([RecordBatch("enforcer", 1, (), "i2")])

    found = store.reader.approval(pending.id)
    assert found is not None
    assert (found.state, found.note, found.instance) == ("expired", RESTARTED, "i1")
    assert store.reader.tasks()[0].state in {"failed", "refused"}
    assert Auditor(store.engines[1]).verify().problems[0].what.startswith("no signed head covers")


def test_of_marks_the_latest_are_kept(store: Store) -> None:
    first, second = MarkEntry("instance:a", "secret", "{}", "tool-crm"), MarkEntry("store:kb", "untrusted", "{}")
    later = MarkEntry("instance:a", "secret,untrusted", '{"untrusted":"m1"}', "tool-crm,ext-web")
    store.writer.write_batches([a_batch(1, marks=(first, second)), a_batch(2, marks=(later,))])
    store.writer.write_batches([a_batch(1, marks=(first,))])
    assert store.reader.marks() == (later, second) == store.writer.read_marks()
    late = a_batch(0, marks=(first,))
    store.writer.write_batches([late])
    assert store.reader.marks() == (later, second), "a batch that was lost and comes again is not the latest"
    store.writer.write_batches([a_batch(1, marks=(first,), instance="i2")])
    assert store.reader.marks() == (first, second)


def test_shadows_are_numbered_and_found(store: Store) -> None:
    told = [ShadowEntry(f"m{n}", "draft1", "route", "deny", "c", "why", "data.x", "f.rego", n) for n in range(3)]
    store.writer.write_batches([a_batch(1, shadows=tuple(told[:2]))])
    store.writer.write_batches([a_batch(2, shadows=tuple(told[2:]))])
    found = store.reader.shadows()
    assert [(each.number, each.message, each.line) for each in found] == [(1, "m0", 0), (2, "m1", 1), (3, "m2", 2)]
    assert [each.message for each in store.reader.shadows("m1")] == ["m1"]
    assert store.reader.shadows(revision="other") == []


def test_the_chain_is_one_across_writers_and_verifies_in_place_and_from_its_export(url: str) -> None:
    batches = audited_batches()
    with open_store(url, key=KEY) as one, open_store(url, key=KEY) as other:
        for place, batch in enumerate(batches):
            (one if place % 2 else other).writer.write_batches([batch])
        with ThreadPoolExecutor(4) as pool:
            later = [
                a_batch(number, an_entry(), an_entry(), approvals=(an_approval(id=str(number)),))
                for number in range(20, 40)
            ]
            assert sum(pool.map(lambda b: (one if b.sequence % 2 else other).writer.write_batches([b]), later)) == 20
        report = Auditor(one.engines[1]).verify([KEY.public])
        assert report.ok, report.problems
        assert (report.messages, report.approvals, report.last) == (58, 24, 82)
        lines = list(Auditor(other.engines[1]).export())
        assert verify_export(lines, [KEY.public]).ok
        with one.engines[0].begin() as connection:
            connection.execute(text("UPDATE messages SET outcome = 'allow' WHERE number = 3"))
        assert [each.link for each in Auditor(one.engines[1]).verify().problems] == [3]


OLD = """
INSERT INTO batches VALUES ('enforcer', 'i0', 1, 1.0, 1, 2);
INSERT INTO messages (number, id, at, enforcer, bundle, sender, target, kind, outcome, body, size, task, context,
  parent, in_reply_to, step, hops, ends, trace, content_type, labels, method, cost_us)
  SELECT n, 'old' || n, 1.5, 'enforcer', 'b', 'op-cli', 'triage', 'a2a', 'allow', BODY, 2, 't0', '', '', '', '', 1,
  TRUE, '', '', '', 'SendMessage', 4.0 FROM (SELECT 1 AS n UNION SELECT 2) AS numbers;
INSERT INTO verdicts SELECT number, 0, 'route', 'allow', '', '', '', '', 0, '[]', 2.0 FROM messages;
INSERT INTO tasks VALUES ('t0', 'working', 'op-cli', 'triage', 'q', '', '', 'old1', '', 1.0, 2.0, 'enforcer', 'i0')
"""


def test_a_record_of_the_first_revision_is_brought_up_to_date_with_its_rows(url: str) -> None:
    file = make_writing(read_url(url))
    if file.dialect.name == "sqlite":
        Path(file.url.database or "").parent.mkdir(parents=True)
    migration.migrate(file, to="0001")
    with file.begin() as connection:
        for statement in OLD.replace("BODY", "x'7b7d'" if file.dialect.name == "sqlite" else "'{}'::bytea").split(";"):
            connection.exec_driver_sql(statement)
    file.dispose()

    with open_store(url, key=KEY) as store:
        old = store.reader.messages()
        assert [(each.id, each.link, each.chain, each.sealed, each.causes) for each in old] == [
            ("old1", 0, b"", b"", ""),
            ("old2", 0, b"", b"", ""),
        ]
        assert old[0].verdicts[0].facts == b""
        assert store.reader.tasks()[0].held == ""
        auditor = Auditor(store.engines[1])
        assert (auditor.verify().before, auditor.verify().ok) == (2, True)
        store.writer.write_batches([a_batch(1), a_batch(2)])
        report = auditor.verify([KEY.public])
        assert report.ok, report.problems
        assert (report.before, report.messages, report.first, report.last) == (2, 2, 1, 2)
        assert [each.number for each in store.reader.messages()] == [1, 2, 3, 4]
        with store.engines[0].begin() as connection:
            connection.execute(text("DELETE FROM verdicts WHERE message = 1"))
            connection.execute(text("DELETE FROM messages WHERE number = 1"))
        assert not auditor.verify().ok
