"""The agent card: what an agent says of itself, built from its definition."""

from typing import Final

from a2a.types import AgentCapabilities, AgentCard, AgentInterface, AgentSkill

BINDING: Final = "NATS"
"""Name of the custom protocol binding; its interface URL is the agent's name."""


def build_card(name: str, description: str, version: str = "1") -> AgentCard:
    """Return the card of an agent that is reached over the mesh."""
    said = description or name
    return AgentCard(
        name=name,
        description=said,
        version=version,
        default_input_modes=["text/plain"],
        default_output_modes=["text/plain", "application/json"],
        capabilities=AgentCapabilities(streaming=True),
        skills=[AgentSkill(id=name, name=name, description=said, tags=["agent"])],
        supported_interfaces=[AgentInterface(url=name, protocol_binding=BINDING, protocol_version="1.0")],
    )
