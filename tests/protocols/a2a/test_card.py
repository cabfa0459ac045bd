from lictor.protocols.a2a.card import BINDING, build_card


def test_a_card_names_the_agent_and_its_binding() -> None:
    card = build_card("writer", "writes answers")

    assert (card.name, card.description) == ("writer", "writes answers")
    assert [(each.url, each.protocol_binding) for each in card.supported_interfaces] == [("writer", BINDING)]
    assert card.capabilities.streaming


def test_an_agent_without_a_description_is_described_by_its_name() -> None:
    assert build_card("writer", "").description == "writer"
