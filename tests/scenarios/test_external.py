"""A team on a NATS server and a database that others run: it works, says what is wrong, and loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from command_line import Done, lictor, processes_in
from nats_server import NatsServer
from postgres import PostgresServer, unusable
from running_team import RULES, YAML, RunningTeam, run_team

from lictor.protocols.identifiers import new_id

_why_not = unusable()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("external"),
    pytest.mark.skipif(bool(_why_not), reason=_why_not),
]

NOBODY = "postgresql://lictor@127.0.0.1:1/record"


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with NatsServer(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="module")
def store(database: PostgresServer) -> str:
    return database.new_database()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(bus: NatsServer, store: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningTeam]:
    text = write(bus.url, bus.credentials, store)
    async with run_team(tmp_path_factory.mktemp("team"), text, RULES) as team:
        yield team


def write(url: str, credentials: Path, store: str = "") -> str:
    """Return the team's YAML."""
    kept = f", store: '{store}'" if store else ""
    return f"runtime: {{nats: '{url}', credentials: '{credentials}'{kept}}}\n{YAML}"


def run_in(folder: Path, text: str) -> Done:
    """Run a team in a folder of its own, and see that nothing is left of it."""
    folder.mkdir()
    (folder / "rules.yaml").write_text(RULES)
    (folder / "lictor.yaml").write_text(text)
    done = lictor(folder, "run", "lictor.yaml", "hello")
    assert not processes_in(folder)
    assert not list((folder / ".lictor").glob("run-*"))
    return done


async def test_a_team_runs_on_both(running: RunningTeam, store: str, tmp_path: Path) -> None:
    task = new_id()
    ending = await running.ask("front", "hello", task=task)
    assert (ending.state, ending.outcome.text) == ("completed", "fine")
    await running.until(lambda: len(running.messages(task)) == 6, "all messages are recorded")
    assert all(part.kind != "bus" for part in running.team.report())
    assert not list(running.folder.rglob("*.db"))
    shown = await asyncio.to_thread(lictor, tmp_path, "messages", "--store", store, f"task={task}", "-o", "json")
    assert shown.code == 0, shown.err
    assert len(shown.document["items"]) == 6


async def test_the_database_goes_away_and_nothing_is_lost(running: RunningTeam, database: PostgresServer) -> None:
    tasks = [new_id()]
    asking = asyncio.ensure_future(running.ask("back", "hold", task=tasks[0]))
    await running.held()
    await asyncio.to_thread(database.stop)
    try:
        running.release()
        assert (await asking).state == "completed"
        async with asyncio.timeout(30):
            while True:  # what passes until the enforcer knows is kept; then nothing passes
                tasks.append(new_id())
                ending = await running.ask("back", "hello", task=tasks[-1])
                if ending.state != "completed":
                    break
                await asyncio.sleep(0.1)
        assert ending.state == "refused"
        assert "the record" in ending.reason
    finally:
        await asyncio.to_thread(database.start)
    assert (await running.answered("back")).outcome.text == "fine"
    for task in tasks[:-1]:
        await running.until(lambda task=task: len(running.messages(task)) == 4, "all is recorded")  # type: ignore[misc]
        assert len({message.id for message in running.messages(task)}) == 4
    assert all(part.restarts == 0 for part in running.team.report())


async def test_the_bus_goes_away_and_comes_back(running: RunningTeam, bus: NatsServer) -> None:
    bus.stop()
    lost = await running.ask("back", "hello", seconds=0.5)
    assert lost.state in {"late", "unreachable"}
    bus.start()
    assert (await running.answered()).outcome.text == "fine"
    assert all(part.restarts == 0 for part in running.team.report())


async def test_what_is_not_right_is_told_and_leaves_nothing(
    bus: NatsServer, running: RunningTeam, tmp_path: Path
) -> None:
    silent = "nats://127.0.0.1:1"
    cases = {
        "stray": (write(bus.url, bus.stray_credentials()), "neither the account"),
        "foreign": (write(bus.url, bus.foreign_credentials()), "does not accept the credentials"),
        "silent": (write(silent, bus.credentials), "no connection to the bus"),
        "taken": (write(bus.url, bus.credentials), "another team uses this account"),
        "database": (f"runtime: {{store: '{NOBODY}'}}\n{YAML}", "the database cannot be used"),
    }
    ran = await asyncio.gather(*(asyncio.to_thread(run_in, tmp_path / name, text) for name, (text, _) in cases.items()))
    for done, (name, (_, said)) in zip(ran, cases.items(), strict=True):
        assert done.code == 3, (name, done)
        assert said in done.err, (name, done.err)
        assert "Traceback" not in done.err, name
        assert done.out == "", name
    task = new_id()
    assert (await running.ask("front", "hello", task=task)).outcome.text == "fine"
    await running.until(lambda: any(message.target == "op-cli" for message in running.messages(task)), "it is recorded")
    assert len(running.messages(task)) == 6
