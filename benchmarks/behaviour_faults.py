"""Faults that are injected: loops of every kind, storms, bursts, and a principal that insists on what is denied."""
# ruff: noqa: D401 -- each story and each fault is told in a sentence of its own

from collections.abc import Callable
from random import Random

from behaviour_traces import AGENTS, MODEL, STORIES, Scene, other_than, start

from lictor.protocols.subjects import Kind

ROUNDS = 40
"""How often a loop goes round, if nobody stops it."""


def _loop(scene: Scene, once: Callable[[int], None], *, rounds: int = ROUNDS) -> None:
    """Go round; what comes after the first round repeats it."""
    for number in range(rounds):
        once(number)
        scene.looping = True


def _pace(scene: Scene) -> tuple[float, float]:
    return scene.rng.choice([(0.01, 0.1), (0.3, 2.0), (5.0, 30.0)])


def _call_of(scene: Scene) -> tuple[str, str, dict[str, object]]:
    rng = scene.rng
    calls: list[tuple[str, str, dict[str, object]]] = [
        ("tool-crm", "search_emails", {"query": scene.words(2)}),
        ("tool-files", "read_file", {"file_path": f"{scene.name()}.txt", "limit": rng.randint(1, 99)}),
        ("tool-bank", "get_balance", {}),
        ("tool-chat", "send_direct_message", {"recipient": scene.name(), "body": scene.words(6)}),
        ("tool-web", "search_web", {"q": scene.words(4), "lang": "en"}),
    ]
    return rng.choice(calls)


def exact(scene: Scene, agent: str) -> None:
    """The same call, the same answer."""
    (server, tool, arguments), pace = _call_of(scene), _pace(scene)
    said, thinks = scene.words(scene.rng.randint(1, 60)), scene.rng.random() < 0.5

    def once(_: int) -> None:
        if thinks:
            scene.think(agent)
        scene.call(agent, server, tool, arguments, said)
        scene.wait(*pace)

    _loop(scene, once)


def failing(scene: Scene, agent: str) -> None:
    """The same call, the same error."""
    (server, tool, arguments), pace = _call_of(scene), _pace(scene)

    def once(_: int) -> None:
        scene.call(agent, server, tool, arguments, "error: permission denied", failed=True)
        scene.wait(*pace)

    _loop(scene, once)


def reordered(scene: Scene, agent: str) -> None:
    """The same call with its keys in another order and other blanks."""
    server, tool, said = "tool-web", "search_web", scene.words(20)
    arguments = {"q": scene.words(3), "lang": "en", "size": 10, "sort": "date"}

    def once(_: int) -> None:
        names = scene.rng.sample(sorted(arguments), k=len(arguments))
        scene.call(agent, server, tool, {name: arguments[name] for name in names}, said)
        scene.wait(0.1, 1.0)

    _loop(scene, once)


def near_noise(scene: Scene, agent: str) -> None:
    """A call that differs in a counter of attempts, a time or a random id alone."""
    (server, tool, arguments), pace = _call_of(scene), _pace(scene)
    said = scene.words(scene.rng.randint(1, 60))
    style = scene.rng.choice(["attempt", "timestamp", "request_id", "ts", "text"])

    def once(number: int) -> None:
        noise: object = {
            "attempt": number,
            "timestamp": f"2026-11-24T12:{number % 60:02}:{scene.rng.randint(0, 59):02}Z",
            "request_id": scene.identifier(),
            "ts": 1_795_000_000 + scene.now,
            "text": f"again, attempt {number}",
        }[style]
        scene.call(agent, server, tool, {**arguments, style: noise}, said)
        scene.wait(*pace)

    _loop(scene, once)


def near_number(scene: Scene, agent: str) -> None:
    """A search that differs in one number that counts up, while the answer stays."""
    words, said = scene.words(3), scene.words(scene.rng.randint(1, 60))

    def once(number: int) -> None:
        scene.call(agent, "tool-web", "search_web", {"q": f"{words} {number}"}, said)
        scene.wait(0.1, 2.0)

    _loop(scene, once)


def cycle(scene: Scene, agent: str) -> None:
    """Two to eight calls over and over."""
    calls = [(*_call_of(scene), scene.words(scene.rng.randint(1, 40))) for _ in range(scene.rng.randint(2, 8))]
    calls = [
        (server, f"{tool}_{number}", arguments, said) for number, (server, tool, arguments, said) in enumerate(calls)
    ]
    pace, thinks = _pace(scene), scene.rng.random() < 0.3

    def once(_: int) -> None:
        for server, tool, arguments, said in calls:
            if thinks:
                scene.think(agent)
            scene.call(agent, server, tool, arguments, said)
            scene.wait(*pace)

    _loop(scene, once)


def cycle_noise(scene: Scene, agent: str) -> None:
    """Two to six calls over and over, with a time in each."""
    calls = [(*_call_of(scene), scene.words(scene.rng.randint(1, 40))) for _ in range(scene.rng.randint(2, 6))]

    def once(number: int) -> None:
        for place, (server, tool, arguments, said) in enumerate(calls):
            at = f"2026-11-24T12:{number % 60:02}:{scene.rng.randint(0, 59):02}Z"
            scene.call(agent, server, f"{tool}_{place}", {**arguments, "at": at}, said)
            scene.wait(0.1, 1.5)

    _loop(scene, once)


def relay(scene: Scene, agent: str) -> None:
    """Three or four agents hand the same on to each other, round and round."""
    ring = [agent, *scene.rng.sample([each for each in AGENTS if each != agent], k=scene.rng.randint(2, 3))]
    text, pace = scene.words(20), _pace(scene)

    def once(_: int) -> None:
        for sender, target in zip(ring, [*ring[1:], ring[0]], strict=True):
            scene.start_ask(sender, target, f"{target}, please take care of this: {text}")
            scene.wait(*pace)

    _loop(scene, once)


def ping_pong(scene: Scene, agent: str) -> None:
    """Two agents say the same to each other, question and answer, or question and question."""
    other = other_than(scene, agent)
    style, one, two = scene.rng.choice(["exact", "counter", "time"]), scene.words(8), scene.words(8)
    answers, pace = scene.rng.random() < 0.5, _pace(scene)

    def once(number: int) -> None:
        mark = {"exact": "", "counter": f" ({number})", "time": f" at 12:{number % 60:02}:30"}[style]
        if answers:
            scene.ask(agent, other, one + mark, two + mark)
        else:
            scene.start_ask(agent, other, one + mark)
            scene.wait(*pace)
            scene.start_ask(other, agent, two + mark)
        scene.wait(*pace)

    _loop(scene, once)


def thanks(scene: Scene, agent: str) -> None:
    """Two agents thank each other in ever other words of the few there are."""
    other = other_than(scene, agent)
    words = (
        *("thank", "you", "very", "much", "indeed", "my", "dear", "friend", "you", "are", "most"),
        *("welcome", "it", "was", "a", "pleasure", "as", "always"),
    )

    def polite() -> str:
        return " ".join(scene.rng.sample(words, k=scene.rng.randint(3, 7)))

    def once(_: int) -> None:
        scene.ask(agent, other, polite(), polite())
        scene.wait(0.3, 2.0)

    scene.ask(agent, other, " ".join(words), " ".join(words))
    scene.looping = True
    _loop(scene, once)


def asking_again(scene: Scene, agent: str) -> None:
    """One agent asks another the same, and gets the same answer."""
    other, text, said = other_than(scene, agent), scene.words(12), scene.words(30)
    pace = _pace(scene)

    def once(_: int) -> None:
        scene.ask(agent, other, text, said)
        scene.wait(*pace)

    _loop(scene, once)


def model_loop(scene: Scene, agent: str) -> None:
    """The same prompt again and again."""
    body = b'{"model":"model-small","messages":[{"role":"user","content":"%s"}]}' % scene.words(30).encode()

    def once(_: int) -> None:

        to = scene.send(agent, MODEL, Kind.MODEL, body)
        scene.wait(0.3, 3.0)
        scene.answer(to, b'{"choices":[{"message":{"content":"hm"}}]}')

    _loop(scene, once)


def fan_out(scene: Scene, agent: str) -> None:
    """One agent opens hundreds of children and waits for none."""
    for number in range(300):
        scene.start_ask(agent, other_than(scene, agent), f"Do part {number}: {scene.words(20)}")
        scene.wait(0.0, 0.06)
        scene.looping = True


def cascade(scene: Scene, agent: str) -> None:
    """Every child opens children of its own; none opens many itself."""
    level = [agent]
    for _ in range(6):
        children = []
        for sender in level:
            for _ in range(4):
                child = other_than(scene, sender)
                scene.start_ask(sender, child, f"Do: {scene.words(20)}")
                scene.wait(0.0, 0.02)
                scene.looping = True
                children.append(child)
        level = children[:64]


def burst(scene: Scene, agent: str) -> None:
    """One agent calls a tool as fast as it can, with other arguments each time."""
    for _ in range(800):
        to = scene.start_call(agent, "tool-web", "fetch", {"url": f"https://{scene.name()}.example/{scene.words(1)}"})
        scene.wait(0.001, 0.006)
        scene.end_call(to, scene.words(10))
        scene.looping = True


Fault = Callable[[Scene, str], None]
LOOPS: tuple[Fault, ...] = (
    exact, failing, reordered, near_noise, near_number, cycle, cycle_noise,
    relay, ping_pong, thanks, asking_again,
)  # fmt: skip
CROWDS: tuple[Fault, ...] = (fan_out, cascade, burst)


def fault_scene(rng: Random, begin: float, fault: Fault) -> Scene:
    """Return one task that begins like any other and goes wrong."""
    scene = Scene(rng, begin)
    agent = rng.choice(AGENTS)
    start(scene, agent)
    if rng.random() < 0.6:
        rng.choice(STORIES)(scene, agent)
    fault(scene, agent)
    return scene
