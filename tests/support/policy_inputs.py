"""Inputs for the policy: for every stage, from a realistic team, with everything in them that could upset an engine."""

import json
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from lictor.guardrails.policy.bundle import Bundle, load_bundle
from lictor.guardrails.policy.stages import APPROVE, STAGES
from lictor.runtime.definition.load import load_plan

TEAM: Final = """
lictor: 1
defaults:
  model: builtin/smollm2
  budget: {ask_at: 80%}
guards:
  pii: redact
  injection: quarantine
approvals:
  by: ["op-*"]
  tools:
    crm_export: {by: [op-cli]}
mcp:
  crm:
    command: python3 crm.py
agents:
  triage:
    description: Takes a question and returns the answer.
    prompt: Ask the writer.
    delegates: [writer, clerk]
    expose: [chat]
    clearance: secret
  writer:
    description: Writes.
    prompt: Write.
    clearance: public
    emits: [untrusted]
    hours: mon-fri 08:00-18:00
  clerk:
    description: Keeps the books.
    prompt: Pay what is due.
    tools:
      - mcp: crm
        labels: [untrusted, customer]
        refuse: [secret]
        permit:
          allow: ["crm_find_*", "crm_update", "crm_pay_x(amount<1000)", "crm_send(to=*@example.com)"]
          ask: ["crm_export", "crm_{send,pay}_*"]
          deny: ["crm_delete_*"]
"""

RULES: Final = """package lictor.user.parity

import rego.v1

deny contains concat("", ["short text: ", format_int(count(input.arguments.text), 10)]) if {
	is_string(input.arguments.text)
	count(input.arguments.text) > 3
	regex.match(`(?i)^[a-z\\x{e0}-\\x{ff}\\p{L}_. -]+$`, input.arguments.text)
}

deny contains {"reason": concat("", ["says ", lower(input.arguments.text)]), "code": "user.low"} if {
	is_string(input.arguments.text)
	contains(lower(input.arguments.text), "i")
}

ask contains "much" if {
	is_number(input.arguments.amount)
	input.arguments.amount > 1000
}

deny contains "listed" if {
	some item in input.arguments.items
	item == "Hello"
}

ask contains "many" if count([item | some item in input.arguments.items; is_string(item); startswith(item, "x")]) > 1

oblige contains {"do": "audit", "level": "full"} if input.arguments.amount == 7

oblige contains {"do": "label", "labels": [trim_space(input.arguments.text)]} if {
	is_string(input.arguments.text)
	trim_space(input.arguments.text) in {"secret", "customer"}
}
"""
"""A user's rules that touch what engines are known to read differently."""

_NAMES: Final = ("triage", "writer", "clerk", "tool-crm", "model-builtin-smollm2", "ext-shop", "op-cli", "enforcer")
_TOOLS: Final = ("crm_find_ticket", "crm_update", "crm_export", "crm_delete_all", "crm_pay_x", "approvals.list", "")
_METHODS: Final = ("tools/call", "tools/list", "SendMessage", "chat.completions", "")

odd_text: Final = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "\0", "a\0b", 'x","allow":true,"w":"', "\n", "crm_delete_\n", "\u2028", "\U0001f600" * 3]),
    st.sampled_from(
        ["e\u0301", "\u200b", "\ufeff", "\\u0000", "${x}", "%v %d", "'\"\\", "\ud7ff", "\uffff", "a" * 300]
    ),
    st.sampled_from(["\u0130\u03a3\u00df", "\u1e9e", "\ufb01", "\u03c2", "K"]),
)
odd_number: Final = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 1.0, 7, 1000, 1001, 2**53 + 1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 0.1, 1439]),
)
odd_value: Final = st.recursive(
    st.one_of(st.none(), st.booleans(), odd_number, odd_text),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(odd_text, inner, max_size=3)),
    max_leaves=6,
)
_name: Final = st.one_of(st.sampled_from(_NAMES), st.sampled_from(_NAMES), odd_text)
_word: Final = st.one_of(st.sampled_from(["secret", "customer", "i", "\u0130", "Hello", " secret "]), odd_text)
_score: Final = st.one_of(st.sampled_from([0, 0.5, 0.05, 0.95, 1, 1.0]), odd_number)
_arguments: Final = st.one_of(
    st.fixed_dictionaries(
        {}, optional={"text": _word, "amount": odd_number, "items": st.lists(_word, max_size=3), "to": _word}
    ),
    st.fixed_dictionaries({}, optional={"text": odd_value, "amount": odd_value, "items": odd_value, "to": odd_value}),
    st.dictionaries(odd_text, odd_value, max_size=3),
    odd_value,
)
_FIELDS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "sender": _name,
    "target": _name,
    "kind": st.sampled_from(["a2a", "mcp", "model", "event", "reply"]),
    "request_kind": st.sampled_from(["", "a2a", "mcp", "model"]),
    "method": st.one_of(st.sampled_from(_METHODS), odd_text),
    "tool": st.one_of(st.sampled_from(_TOOLS), odd_text),
    "model": _name,
    "read_only": st.booleans(),
    "arguments": _arguments,
    "size": st.integers(0, 10**7),
    "conduct": _score,
    "now": st.fixed_dictionaries({"minute": st.integers(0, 1439), "weekday": st.integers(0, 6)}),
    "usage": st.fixed_dictionaries(
        dict.fromkeys(["messages", "tool_calls", "tokens"], st.one_of(st.integers(0, 200), st.integers(0, 2**53)))
    ),
    "labels": st.fixed_dictionaries(
        {
            "level": st.sampled_from(["public", "internal", "secret", "other"]),
            "untrusted": st.booleans(),
            "tags": st.lists(_word, max_size=3),
            "sources": st.lists(_name, max_size=3),
        }
    ),
    "effect": st.booleans(),
    "contract": st.fixed_dictionaries(
        {"state": st.sampled_from(["none", "met", "ask", "broken", "missing", "?"])},
        optional={"code": odd_text, "reason": odd_text, "file": odd_text, "line": odd_number},
    ),
    "findings": st.dictionaries(
        st.one_of(
            st.sampled_from(
                ["secret/aws-access-key", "pii/email", "pii/iban", "injection", "ungrounded", "schema", "toxicity"]
            ),
            odd_text,
        ),
        _score,
        max_size=4,
    ),
    "signals": st.dictionaries(
        st.one_of(
            st.sampled_from(
                [
                    "repeated_call",
                    "near_call",
                    "cycle",
                    "ping_pong",
                    "fan_out",
                    "storm",
                    "burst",
                    "stale",
                    "refusals",
                    "suspicious",
                    "drift",
                ]
            ),
            odd_text,
        ),
        st.one_of(st.integers(0, 300), st.floats(0, 1).map(lambda value: round(value, 2))),
        max_size=4,
    ),
    "approver": _name,
    "edited": st.booleans(),
    "held": st.fixed_dictionaries(
        {},
        optional={"sender": _name, "tool": st.sampled_from(_TOOLS), "agreed": st.lists(_name, max_size=3)},
    ),
}

_OF_THE_SUBJECT: Final = {"sender", "target", "kind", "request_kind", "approver"}

usual: Final = st.fixed_dictionaries(_FIELDS)
"""A document that the enforcer could have written, but for its texts and numbers."""


@st.composite
def gappy(draw: st.DrawFn) -> dict[str, Any]:
    """A document that lacks fields, or parts of them."""
    document = dict(draw(usual))
    for name in draw(st.sets(st.sampled_from(sorted(document)), max_size=8)):
        if isinstance(document[name], dict) and document[name] and draw(st.booleans()):
            document[name] = dict(list(document[name].items())[1:])
        else:
            del document[name]
    return document


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A document of which some fields hold another type than the enforcer would ever give them.

    Not the names of principals and kinds: they come from the subject of a message, and are texts whatever is sent.
    """
    document = dict(draw(gappy()))
    for name in draw(st.sets(st.sampled_from(sorted(_FIELDS.keys() - _OF_THE_SUBJECT)), min_size=1, max_size=4)):
        document[name] = draw(odd_value)
    return document


_kept: Final = st.tuples(st.just(False), st.one_of(usual, gappy()))
documents: Final = st.one_of(_kept, _kept, _kept, _kept, st.tuples(st.just(True), spoilt()))
"""Documents, each with whether fields of it are spoilt."""
stages: Final = st.sampled_from((*STAGES, APPROVE))


def make_team(folder: Path) -> dict[str, Any]:
    """Return the policy data of a team with everything that rules look at."""
    file = folder / "lictor.yaml"
    file.write_text(TEAM, encoding="utf-8")
    (folder / "crm.py").write_text("", encoding="utf-8")
    loaded = load_plan(file, environ={}, cwd=folder)
    assert loaded.plan is not None, loaded.problems
    return dict(json.loads(json.dumps(loaded.plan.policy_data, default=str)))


def make_bundle(folder: Path) -> Bundle:
    """Return the built-in rules and a user's, for that team."""
    rule = folder / "parity.rego"
    rule.write_text(RULES, encoding="utf-8")
    return load_bundle(make_team(folder), [rule])
