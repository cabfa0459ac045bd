"""Which calls only read."""

from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.effects import Effects

LISTING = b'{"result": {"tools": [{"name": "find", "annotations": {"readOnlyHint": true}}, {"name": "send"}]}}'


def test_what_is_known_to_only_read() -> None:
    catalog = ToolCatalog()
    team = {"tools": {"tool-docs": {"kind": "rag"}, "tool-web": {"kind": "mcp-http", "remote": True}, "tool-crm": {}}}
    effects = Effects(team, catalog)
    assert not effects.reads_only("tool-crm", "find")
    for server in ("tool-crm", "tool-web"):
        catalog.learn(server, LISTING)

    assert effects.reads_only("tool-docs", "search")
    assert effects.reads_only("tool-crm", "find")
    assert not effects.reads_only("tool-crm", "send")
    assert not effects.reads_only("tool-web", "find")
    assert not effects.reads_only("tool-none", "find")
