"""What a principal does to data that passes it: what it adds, and what it keeps."""

from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

import msgspec

from lictor.guardrails.labels import UNTRUSTED, Labels, parse_labels
from lictor.guardrails.provenance.marks import place_cause
from lictor.protocols.names import Role, role_of


class Keeps(Enum):
    """What stays with a principal when a task is over."""

    NOTHING = "nothing"
    """Lictor's own graph, a model, a folder that is only searched."""
    INSTANCE = "instance"
    """Whatever it was told, until its process is replaced: code of the team's own."""
    STORE = "store"
    """Whatever was written into it, for good: a tool server."""


class Nature(msgspec.Struct, frozen=True):
    """What is known of one principal before it says anything."""

    adds: Labels
    """Labels of everything that it says; it is itself among their sources."""
    cause: str
    """Where they begin: `principal NAME FILE:LINE`."""
    keeps: Keeps = Keeps.NOTHING


class Natures:
    """The natures of a team. Outside callers are untrusted; agents that nobody described keep what they are told.

    `uses` tells for an agent and a tool server what the server's answers to that agent carry.
    """

    def __init__(
        self,
        principals: Mapping[str, Nature] = MappingProxyType({}),
        uses: Mapping[tuple[str, str], Nature] = MappingProxyType({}),
    ) -> None:
        self._principals = dict(principals)
        self._uses = dict(uses)

    def of(self, principal: str) -> Nature:
        """Return a principal's nature."""
        nature = self._principals.get(principal)
        if nature is None:
            words, keeps = _STRANGE.get(role_of(principal), ((), Keeps.INSTANCE))
            nature = make_nature(principal, words, keeps)
            if len(self._principals) < _MOST:
                self._principals[principal] = nature
        return nature

    def answers(self, agent: str, server: str) -> Nature:
        """Return what a tool server's answers to an agent carry."""
        return self._uses.get((agent, server)) or self.of(server)


def make_nature(principal: str, words: Iterable[str], keeps: Keeps, place: str = "") -> Nature:
    """Return the nature of a principal that adds these labels; raises UnknownLabel."""
    return Nature(parse_labels(words, (principal,)), place_cause(principal, place), keeps)


_MOST: Final = 50_000
_STRANGE: Final[Mapping[Role, tuple[tuple[str, ...], Keeps]]] = {
    Role.EXTERNAL: ((UNTRUSTED,), Keeps.NOTHING),
    Role.OPERATOR: ((), Keeps.NOTHING),
    Role.TOOL: ((UNTRUSTED,), Keeps.STORE),
    Role.MODEL: ((UNTRUSTED,), Keeps.NOTHING),
}
_TOOLS: Final = {"rag": Keeps.NOTHING, "python": Keeps.INSTANCE}


def read_natures(team: Mapping[str, Any]) -> Natures:
    """Return the natures that the document `data.lictor.team` tells; raises UnknownLabel."""
    principals: dict[str, Nature] = {}
    uses: dict[tuple[str, str], Nature] = {}
    for name, agent in team.get("agents", {}).items():
        keeps = Keeps.NOTHING if agent.get("isolated", False) else Keeps.INSTANCE
        principals[name] = _read(name, agent, agent.get("emits", ()), keeps)
    for name, tool in team.get("tools", {}).items():
        principals[name] = _read(name, tool, tool.get("labels", ()), _TOOLS.get(tool.get("kind", ""), Keeps.STORE))
    for name, model in team.get("models", {}).items():
        principals[name] = _read(name, model, (), Keeps.NOTHING)
    known = Natures(principals)
    for agent_name, permits in team.get("permits", {}).items():
        for server, permit in permits.items():
            own = known.of(server)
            use = _read(server, permit, permit.get("labels", ()), own.keeps)
            joined = own.adds.join(use.adds)
            uses[agent_name, server] = Nature(joined, own.cause if joined == own.adds else use.cause, own.keeps)
    return Natures(principals, uses)


def _read(name: str, entry: Mapping[str, Any], words: Iterable[str], keeps: Keeps) -> Nature:
    remote = (UNTRUSTED,) if entry.get("remote", False) else ()
    place = f"{entry['file']}:{entry.get('line', 0)}" if entry.get("file") else ""
    return make_nature(name, (*words, *remote), keeps, place)
