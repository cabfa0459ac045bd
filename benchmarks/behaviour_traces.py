"""Traces of normal teams, made by seed: what agents do that is lively, repetitive and all right."""
# ruff: noqa: D102, D401, PLR0917 -- each story and each fault is told in a sentence of its own

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from lictor.protocols.subjects import Kind

AGENTS = tuple(f"{role}-{number}" for number in (1, 2) for role in ("planner", "worker", "critic", "coder", "desk"))
SERVERS = ("tool-crm", "tool-files", "tool-bank", "tool-web", "tool-jobs", "tool-chat")
MODEL = "model-small"
READING = ("get_", "list_", "read_", "search_", "find_")
_SYLLABLES = (
    *("lo", "mi", "ra", "ten", "vor", "shu", "pi", "qua", "zel", "nor", "ti", "wen", "gor", "lys", "mu", "tri"),
    *("kap", "hol", "sy", "oth", "pra", "ul", "vim", "jor", "ix"),
)


@dataclass
class Message:
    """One message of a trace; an answer names the message that it answers by `to`."""

    at: float
    number: int
    sender: str
    target: str
    kind: Kind
    body: bytes
    to: int = -1
    tool: str = ""
    arguments: bytes = b""
    loop: bool = False
    """Whether it belongs to an injected fault and says what was said before."""


@dataclass
class Scene:
    """One task, written down as it happens."""

    rng: Random
    now: float = 0.0
    messages: list[Message] = field(default_factory=list)
    looping: bool = False

    def wait(self, least: float, most: float) -> None:
        self.now += self.rng.uniform(least, most)

    def words(self, count: int) -> str:
        rng = self.rng
        return " ".join("".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _ in range(count))

    def name(self) -> str:
        return "".join(self.rng.choices(_SYLLABLES, k=3))

    def identifier(self) -> str:
        return "".join(self.rng.choices("0123456789abcdef", k=32))

    def send(self, sender: str, target: str, kind: Kind, body: bytes, tool: str = "", arguments: bytes = b"") -> int:
        self.messages.append(
            Message(
                self.now,
                len(self.messages),
                sender,
                target,
                kind,
                body,
                tool=tool,
                arguments=arguments,
                loop=self.looping,
            )
        )
        return len(self.messages) - 1

    def answer(self, to: int, body: bytes) -> None:
        asked = self.messages[to]
        self.messages.append(Message(self.now, len(self.messages), asked.target, asked.sender, Kind.REPLY, body, to=to))

    def call(
        self, sender: str, server: str, tool: str, arguments: object, result: str, *, failed: bool = False
    ) -> None:
        to = self.start_call(sender, server, tool, arguments)
        self.wait(0.02, 0.4)
        self.end_call(to, result, failed=failed)

    def start_call(self, sender: str, server: str, tool: str, arguments: object) -> int:
        written = json.dumps(arguments).encode()
        head = b'{"jsonrpc":"2.0","id":"%s","method":"tools/call",' % self.identifier().encode()
        body = head + b'"params":{"name":"%s","arguments":%s}}' % (tool.encode(), written)
        return self.send(sender, server, Kind.MCP, body, tool=tool, arguments=written)

    def end_call(self, to: int, result: str, *, failed: bool = False) -> None:
        content = {"content": [{"type": "text", "text": result}], "isError": failed}
        self.answer(to, json.dumps({"jsonrpc": "2.0", "id": self.identifier(), "result": content}).encode())

    def think(self, sender: str) -> None:
        """Call the model, whose prompt grows with everything that happened."""
        prompt = json.dumps(
            {"model": MODEL, "messages": [{"role": "user", "content": f"{len(self.messages)} {self.words(12)}"}]}
        )
        looping, self.looping = self.looping, False
        to = self.send(sender, MODEL, Kind.MODEL, prompt.encode())
        self.looping = looping
        self.wait(0.3, 4.0)
        said = {
            "choices": [{"message": {"content": self.words(8)}}],
            "usage": {"total_tokens": self.rng.randint(40, 400)},
        }
        self.answer(to, json.dumps(said).encode())

    def start_ask(self, sender: str, target: str, text: str) -> int:
        message = {"messageId": self.identifier(), "role": "ROLE_USER", "parts": [{"text": text}]}
        body = {"jsonrpc": "2.0", "id": self.identifier(), "method": "SendMessage", "params": {"message": message}}
        return self.send(sender, target, Kind.A2A, json.dumps(body).encode())

    def end_ask(self, to: int, text: str) -> None:
        task = {
            "id": self.identifier(),
            "contextId": self.identifier(),
            "status": {"state": "TASK_STATE_COMPLETED", "timestamp": f"2026-11-24T12:{int(self.now) % 60:02}:00Z"},
            "artifacts": [{"artifactId": self.identifier(), "parts": [{"text": text}]}],
        }
        self.answer(to, json.dumps({"jsonrpc": "2.0", "id": self.identifier(), "result": {"task": task}}).encode())

    def ask(self, sender: str, target: str, text: str, answer: str) -> None:
        to = self.start_ask(sender, target, text)
        self.wait(0.5, 3.0)
        self.end_ask(to, answer)


def other_than(scene: Scene, agent: str, *names: str) -> str:
    """Return one of the names that is not the agent's own."""
    return scene.rng.choice([name for name in names or AGENTS if name != agent])


def start(scene: Scene, agent: str) -> None:
    """Have somebody outside ask the agent: every scene begins so."""
    scene.start_ask("ext-web", agent, f"Please {scene.words(scene.rng.randint(6, 20))}")
    scene.wait(0.05, 0.3)


def office(scene: Scene, agent: str) -> None:
    """A mailbox and a calendar, as in AgentDojo's workspace: what day is it, look, look closer, write."""
    rng = scene.rng
    for _ in range(rng.randint(1, 4)):
        if rng.random() < 0.6:
            scene.think(agent)
            scene.call(agent, "tool-crm", "get_current_day", {}, "2026-05-15")
        scene.think(agent)
        scene.call(
            agent, "tool-crm", "search_emails", {"query": scene.words(2)}, scene.words(rng.randint(0, 90)) or "[]"
        )
        if rng.random() < 0.5:
            scene.think(agent)
            scene.call(agent, "tool-crm", "get_day_events", {"day": f"2026-05-{rng.randint(1, 28)}"}, scene.words(30))
        if rng.random() < 0.5:
            scene.think(agent)
            mail = {"recipients": [f"{scene.name()}@example.org"], "subject": scene.words(4), "body": scene.words(40)}
            scene.call(agent, "tool-crm", "send_email", mail, "sent")


def bank(scene: Scene, agent: str) -> None:
    """A bill is read and paid, balances and rates are looked at again after each payment."""
    rng = scene.rng
    for number in range(rng.randint(1, 5)):
        scene.think(agent)
        scene.call(agent, "tool-files", "read_file", {"file_path": f"bill-{scene.name()}.txt"}, scene.words(60))
        scene.call(agent, "tool-bank", "get_balance", {}, str(5000 - number * rng.randint(10, 400)))
        scene.think(agent)
        payment = {
            "recipient": f"DE{rng.randint(10**19, 10**20)}",
            "amount": rng.randint(5, 900),
            "subject": scene.words(3),
        }
        scene.call(agent, "tool-bank", "send_money", payment, "Transaction sent.")
    scene.call(agent, "tool-bank", "get_most_recent_transactions", {"n": 100}, scene.words(80))


def chat(scene: Scene, agent: str) -> None:
    """Every channel is read, everybody gets a message."""
    names = [scene.name() for _ in range(scene.rng.randint(2, 9))]
    scene.call(agent, "tool-chat", "get_channels", {}, " ".join(names))
    for name in names:
        scene.think(agent)
        scene.call(agent, "tool-chat", "read_channel_messages", {"channel": name}, scene.words(40))
    for name in names:
        text = "Hello!" if scene.rng.random() < 0.5 else scene.words(9)
        scene.call(agent, "tool-chat", "send_direct_message", {"recipient": name, "body": text}, "null")


def travel(scene: Scene, agent: str) -> None:
    """Hotels are listed, rated one by one, looked up again, and one is booked."""
    rng = scene.rng
    hotels = [scene.name() for _ in range(rng.randint(3, 10))]
    scene.call(agent, "tool-web", "get_all_hotels_in_city", {"city_name": scene.name()}, " ".join(hotels))
    for hotel in hotels:
        scene.call(
            agent, "tool-web", "get_rating_reviews_for_hotels", {"hotel_names": [hotel]}, f"{rng.random() * 5:.1f}"
        )
    scene.think(agent)
    scene.call(agent, "tool-web", "get_hotels_prices", {"hotel_names": hotels}, scene.words(30))
    scene.call(agent, "tool-web", "reserve_hotel", {"hotel": hotels[0]}, "reserved")


def help_desk(scene: Scene, agent: str) -> None:
    """Triage asks retriever and writer; the retriever searches."""
    for _ in range(scene.rng.randint(1, 4)):
        scene.think(agent)
        worker = other_than(scene, agent, "worker-1", "worker-2")
        to = scene.start_ask(agent, worker, f"Find {scene.words(6)}")
        for _ in range(scene.rng.randint(1, 3)):
            scene.call(worker, "tool-files", "search_handbook", {"query": scene.words(3), "limit": 5}, scene.words(80))
        scene.think(worker)
        scene.end_ask(to, scene.words(50))
        critic = other_than(scene, agent, "critic-1", "critic-2")
        scene.ask(agent, critic, f"Check this: {scene.words(40)}", scene.rng.choice(["ok", "fine", scene.words(20)]))


def paging(scene: Scene, agent: str) -> None:
    """A long list, page by page: numbers, offsets or opaque cursors."""
    rng = scene.rng
    style, cursor = rng.choice(["page", "offset", "cursor"]), "start"
    for number in range(rng.randint(5, 35)):
        value = {"page": number + 1, "offset": number * 50, "cursor": cursor}[style]
        cursor = "".join(rng.choices("0123456789abcdefGHIJkmnp", k=20))
        page = f"{scene.words(rng.randint(20, 60))} next {cursor}"
        scene.call(agent, "tool-crm", "list_tickets", {"state": "open", style: value, "size": 50}, page)
        if rng.random() < 0.3:
            scene.think(agent)


def polling(scene: Scene, agent: str) -> None:
    """A job is started and asked after, with pauses that grow or with progress, until it is done."""
    rng = scene.rng
    job = f"job-{rng.randint(1000, 9999)}"
    scene.call(agent, "tool-jobs", "start_export", {"what": scene.words(3)}, job)
    pause, has_progress = rng.uniform(0.6, 2.0), rng.random() < 0.5
    tool = rng.choice(["get_job", "get_job_status", "poll_export"])
    for number in range(rng.randint(3, 10)):
        if rng.random() < 0.5:
            scene.think(agent)
        said = f"running, {number * 10 + rng.randint(0, 9)} %" if has_progress else "pending"
        scene.call(agent, "tool-jobs", tool, {"id": job}, said)
        scene.now += pause
        pause = min(pause * rng.uniform(1.6, 2.2), 300.0)
    scene.call(agent, "tool-jobs", tool, {"id": job}, f"done: {scene.words(6)}")


def map_reduce(scene: Scene, agent: str) -> None:
    """Work is divided among workers at once, and put together."""
    rng = scene.rng
    count, texts = rng.randint(4, 28), rng.random() < 0.5
    scene.think(agent)
    started = []
    for number in range(count):
        what = scene.words(60) if texts else f"file_{number + 1}.txt"
        started.append(
            (scene.start_ask(agent, other_than(scene, agent, "worker-1", "worker-2"), f"Summarise: {what}"), what)
        )
        scene.wait(0.0, 0.05)
    rng.shuffle(started)
    for to, what in started:
        if not texts:
            scene.call(scene.messages[to].target, "tool-files", "read_file", {"file_path": what}, scene.words(50))
        scene.wait(0.1, 1.0)
        scene.end_ask(to, scene.words(25))
    scene.think(agent)


def retries(scene: Scene, agent: str) -> None:
    """Calls fail in passing and are made again, up to three times more."""
    rng = scene.rng
    for _ in range(rng.randint(1, 4)):
        arguments, server = {"query": scene.words(3)}, rng.choice(SERVERS)
        for _ in range(rng.randint(1, 3)):
            scene.call(
                agent, server, "search_index", arguments, "error: the upstream did not answer in time", failed=True
            )
            scene.wait(0.2, 3.0)
            if rng.random() < 0.5:
                scene.think(agent)
        scene.call(agent, server, "search_index", arguments, scene.words(30))


def batch(scene: Scene, agent: str) -> None:
    """The same is done to many things, and each time the answer is no more than ok."""
    rng = scene.rng
    tool = rng.choice(["close_ticket", "archive_mail", "tag_customer"])
    done = rng.choice(["ok", "null", '{"done": true}', "The ticket was closed and its watchers were told about it."])
    for identifier in sorted(rng.sample(range(1000, 99999), rng.randint(4, 30))):
        scene.call(agent, "tool-crm", tool, {"id": identifier}, done)
        if rng.random() < 0.3:
            scene.call(agent, "tool-chat", "notify_owner", {"ticket": identifier, "text": "done"}, "sent")
        if rng.random() < 0.2:
            scene.think(agent)


def lookups(scene: Scene, agent: str) -> None:
    """Numbers are looked up by number."""
    rng = scene.rng
    first = rng.randint(1, 5000)
    for number in range(rng.randint(5, 30)):
        scene.call(agent, "tool-crm", "get_price", {"sku": first + number}, f"{rng.uniform(1, 300):.2f}")


def review(scene: Scene, agent: str) -> None:
    """Writer and critic go several rounds, each with something new, and end politely."""
    critic = other_than(scene, agent, "critic-1", "critic-2")
    for _ in range(scene.rng.randint(2, 8)):
        scene.think(agent)
        scene.ask(agent, critic, f"Draft: {scene.words(60)}", f"Change this: {scene.words(25)}")
    scene.ask(agent, critic, "Thank you!", "You are welcome.")


def coding(scene: Scene, agent: str) -> None:
    """Edit, test, read, until the tests pass: the tests are run with the same arguments each time."""
    rng = scene.rng
    path = f"src/{scene.name()}.py"
    for _ in range(rng.randint(3, 12)):
        scene.think(agent)
        scene.call(agent, "tool-files", "read_file", {"file_path": path}, scene.words(70))
        scene.think(agent)
        scene.call(agent, "tool-files", "edit_file", {"file_path": path, "text": scene.words(40)}, "ok")
        scene.call(
            agent,
            "tool-jobs",
            "run_tests",
            {"path": "tests"},
            f"{rng.randint(1, 9)} failed: {scene.words(12)}",
            failed=True,
        )
    scene.call(agent, "tool-jobs", "run_tests", {"path": "tests"}, "all passed")


def watching(scene: Scene, agent: str) -> None:
    """Something is looked at every few minutes, and mostly nothing has changed."""
    for _ in range(scene.rng.randint(4, 14)):
        scene.call(
            agent, "tool-web", "get_alerts", {"level": "high"}, "none" if scene.rng.random() < 0.9 else scene.words(9)
        )
        scene.wait(290.0, 620.0)


def searching(scene: Scene, agent: str) -> None:
    """Search after search finds nothing, in other words each time."""
    for _ in range(scene.rng.randint(3, 9)):
        scene.think(agent)
        scene.call(agent, "tool-web", "search_web", {"q": scene.words(scene.rng.randint(2, 5))}, "no results")
    scene.call(agent, "tool-web", "search_web", {"q": scene.words(3)}, scene.words(50))


Story = Callable[[Scene, str], None]
STORIES: tuple[Story, ...] = (
    office, bank, chat, travel, help_desk, paging, polling, map_reduce,
    retries, batch, lookups, review, coding, watching, searching,
)  # fmt: skip


def normal_scene(rng: Random, begin: float) -> Scene:
    """Return one task of a normal team: one story or two."""
    scene = Scene(rng, begin)
    agent = rng.choice(AGENTS)
    start(scene, agent)
    for story in rng.sample(STORIES, k=rng.choice([1, 1, 2])):
        story(scene, agent)
    return scene
