"""The guards that YAML can set: what each may be set to, and how it is set when nobody says anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lictor.runtime.definition.plan import GuardPlan
from lictor.runtime.definition.units import DURATION, QUANTITY, RATE, SHARE

OFF: Final = "off"
MODES: Final = ("off", "warn", "redact", "ask", "block", "quarantine")
"""From the mildest."""
_JUDGE: Final = ("off", "warn", "ask", "block", "quarantine")
_STOP: Final = ("off", "warn", "block", "quarantine")
_NOTICE: Final = ("off", "warn")


@dataclass(frozen=True, slots=True)
class Setting:
    """One number, duration or list that a guard can be given."""

    kind: str
    """`share` (0 to 1), `count` (a whole number), `duration` (seconds), `words` (a list) or `text`."""
    default: Any
    meaning: str
    low: float = 0.0
    high: float = 1.0
    team: bool = False
    """Whether it holds for the team as a whole, and not for one agent."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard as it is built in."""

    meaning: str
    mode: str
    """Its mode when nobody says anything."""
    modes: tuple[str, ...] = _JUDGE
    settings: Mapping[str, Setting] = field(default_factory=dict)


def _threshold(default: float, meaning: str = "Least score, 0 to 1, that counts.") -> Setting:
    return Setting("share", default, meaning)


def _share(default: float, meaning: str) -> Setting:
    return Setting("share", default, meaning)


def _most(default: int, meaning: str) -> Setting:
    return Setting("count", default, meaning, 1, 1_000_000)


_CLASSIFIER: Final = Setting("text", "", "A deeper classifier: an ONNX file, relative to this file, or a model's name.")

GUARDS: Final[Mapping[str, Guard]] = {
    "secrets": Guard("Keys, tokens and passwords in any text.", "block", MODES, {"threshold": _threshold(0.5)}),
    "pii": Guard(
        "Personal data: addresses, phone, card and account numbers.",
        "warn",
        MODES,
        {
            "threshold": _threshold(0.5),
            "kinds": Setting("words", (), "Kinds that count, e.g. email, phone, card, iban; left out: all."),
        },
    ),
    "injection": Guard(
        "Text of strangers that gives orders to the model.",
        "warn",
        _JUDGE,
        {"threshold": _threshold(0.8), "classifier": _CLASSIFIER},
    ),
    "toxicity": Guard(
        "Hateful text; it needs a classifier of yours.",
        OFF,
        _JUDGE,
        {"threshold": _threshold(0.8), "classifier": _CLASSIFIER},
    ),
    "groundedness": Guard(
        "Sentences that cite a passage which does not say so. Agents with a rag tool: warn.",
        OFF,
        _JUDGE,
        {"threshold": _threshold(0.5)},
    ),
    "schema": Guard("Replies that are not what `output:` demands.", "block"),
    "taint": Guard(
        "Calls with outside effects once text of strangers is in context, where no contract covers them.",
        "ask",
        ("off", "ask", "block"),
    ),
    "repetition": Guard(
        "The same tool call, or the same message, again and again within one task.",
        "block",
        _STOP,
        {
            "max": _most(5, "How often a call may come with equal arguments."),
            "near": _most(6, "How often it may come with arguments that hardly differ."),
            "stale": _most(8, "How often a call may come that is answered as before."),
            "polls": Setting("words", (), "Tools that are there to be asked again, by name or glob."),
        },
    ),
    "loops": Guard(
        "The same messages going round within one task.",
        "block",
        _STOP,
        {
            "passes": _most(2, "How often the same round of messages may come."),
            "max_hops": Setting("count", 12, "How many messages deep one task may go.", 1, 1_000_000, team=True),
        },
    ),
    "ping_pong": Guard(
        "Two agents that send each other nothing new.",
        "block",
        _STOP,
        {"max": _most(6, "How many such messages may come in a row.")},
    ),
    "bursts": Guard(
        "More messages than anything needs.",
        "block",
        _STOP,
        {
            "open": _most(32, "How many requests of one sender may be unanswered at once."),
            "task": _most(192, "How many messages one task may set off within five seconds."),
            "rate": _most(256, "How many messages one sender may send within five seconds."),
        },
    ),
    "refusals": Guard(
        "A sender that keeps trying what is denied.",
        "quarantine",
        _STOP,
        {"max": _most(12, "How often it may be denied the same within one task.")},
    ),
    "budget_burn": Guard(
        "A budget that will soon be gone.", "warn", _NOTICE, {"share": _share(0.9, "Share of the budget that is used.")}
    ),
    "sequence": Guard(
        "Steps never taken before.", "warn", _NOTICE, {"share": _share(0.8, "How unlike before, 0 to 1.")}
    ),
    "drift": Guard(
        "Pace or length unlike before.", "warn", _NOTICE, {"share": _share(0.8, "How unlike before, 0 to 1.")}
    ),
    "extraction": Guard(
        "An outside caller that asks by the template.",
        "warn",
        _STOP,
        {"share": _share(0.7, "How much like a campaign, 0 to 1.")},
    ),
    "conduct": Guard(
        "What a poor conduct score costs: calls that do more than read need a person, then nothing passes for a while.",
        "block",
        _STOP,
        {
            "ask": _share(
                0.4, "Score, 0 to 1, from which down a person is asked before a call that does more than read."
            ),
            "deny": _share(0.15, "Score, 0 to 1, from which down nothing but answers passes."),
        },
    ),
}


def built_in() -> dict[str, GuardPlan]:
    """Return every guard as it is when nobody says anything."""
    return {
        name: GuardPlan(guard.mode, {key: setting.default for key, setting in guard.settings.items()})
        for name, guard in GUARDS.items()
    }


def overlay(base: Mapping[str, GuardPlan], above: Mapping[str, GuardPlan]) -> dict[str, GuardPlan]:
    """Return the guards of `base` with what `above` says: an empty mode and absent settings are taken from below."""
    merged = dict(base)
    for name, entry in above.items():
        below = base[name]
        merged[name] = GuardPlan(entry.mode or below.mode, {**below.settings, **entry.settings}, entry.place)
    return merged


def guards_schema(*, team: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of a `guards:` map, for editors; the team's refers to the agents' as `Guards`."""
    properties: dict[str, Any] = {
        name: {"$ref": f"#/$defs/Guards/properties/{name}"}
        if team and not any(setting.team for setting in guard.settings.values())
        else _guard_schema(guard, team=team)
        for name, guard in GUARDS.items()
    }
    if team:
        rate = "Messages that one principal may send. Default 50/1s."
        properties["rate"] = {"type": "string", "pattern": RATE, "description": rate}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _guard_schema(guard: Guard, *, team: bool) -> dict[str, Any]:
    modes = {"enum": list(guard.modes), "description": f"Default {guard.mode}."}
    settings = {
        name: _KINDS[setting.kind] | {"description": f"{setting.meaning} Default {_shown(setting.default)}."}
        for name, setting in guard.settings.items()
        if team or not setting.team
    }
    whole = {"type": "object", "properties": {"mode": modes, **settings}, "additionalProperties": False}
    return {"description": guard.meaning, "anyOf": [modes, whole]}


def _shown(default: Any) -> str:  # noqa: ANN401 -- a setting's value
    return "none" if default in ("", ()) else f"{default}"


_KINDS: Final[Mapping[str, dict[str, Any]]] = {
    "share": {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": SHARE}]},
    "count": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": QUANTITY}]},
    "duration": {"type": "string", "pattern": DURATION},
    "words": {"type": "array", "items": {"type": "string"}},
    "text": {"type": "string"},
}
