"""Only what a server's latest listing says of itself makes a tool read-only."""

import json

import pytest

from lictor.guardrails.catalog import ToolCatalog, read_listing
from lictor.protocols.errors import MalformedEnvelope


def listing(*tools: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": list(tools)}}).encode()


def tool(name: str, hint: object = None) -> dict[str, object]:
    return {"name": name, "description": "", "annotations": {"readOnlyHint": hint, "title": "x"}}


def test_hints() -> None:
    body = listing(tool("a", True), tool("b", False), tool("c"), {"name": "d"}, {"name": "e", "annotations": None})
    assert read_listing(body) == {"a"}


def test_a_name_listed_twice_needs_both_hints() -> None:
    assert read_listing(listing(tool("a", True), tool("a"))) == frozenset()
    assert read_listing(listing(tool("a", True), tool("a", True))) == {"a"}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"result":7}', listing(7), listing({"annotations": {}}), listing(tool("a", "yes")), b"[" * 9999],
)
def test_what_is_no_listing(body: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        read_listing(body)


def test_errors_and_huge_listings_teach_nothing() -> None:
    assert read_listing(b'{"error":{"code":1}}') == frozenset()
    assert read_listing(listing(*[tool(f"t{n}", True) for n in range(10_001)])) == frozenset()


def test_the_latest_listing_counts_and_servers_are_apart() -> None:
    catalog = ToolCatalog()
    catalog.learn("tool-a", listing(tool("x", True)))
    assert catalog.reads_only("tool-a", "x")
    assert not catalog.reads_only("tool-b", "x")
    assert not catalog.reads_only("tool-a", "y")
    catalog.learn("tool-a", listing(tool("x")))
    assert not catalog.reads_only("tool-a", "x")
    catalog.learn("tool-a", listing(tool("x", True)))
    catalog.learn("tool-a", b"garbage")
    assert not catalog.reads_only("tool-a", "x")
