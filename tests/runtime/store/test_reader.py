from pathlib import Path

import pytest
from record_entries import a_batch, an_entry

from lictor.runtime.store.failures import StoreUnavailable
from lictor.runtime.store.reader import make_tree
from lictor.runtime.store.results import Message, Node
from lictor.runtime.store.store import open_store


def messages(tmp_path: Path, *claims: tuple[str, str]) -> list[Message]:
    """Messages by (id, parent)."""
    entries = [an_entry(id=identifier, parent=parent, task="t") for identifier, parent in claims]
    with open_store(f"sqlite:///{tmp_path}/r.db") as store:
        store.writer.write_batches([a_batch(1, *entries)])
        return store.reader.messages()


def shape(nodes: tuple[Node, ...]) -> list[object]:
    return [(node.message.id, shape(node.children)) if node.children else node.message.id for node in nodes]


def test_a_tree_follows_the_parents(tmp_path: Path) -> None:
    found = messages(tmp_path, ("a", ""), ("b", "a"), ("c", "b"), ("d", "a"), ("e", "unknown"))
    assert shape(make_tree(found)) == [("a", [("b", ["c"]), "d"]), "e"]


def test_claims_cannot_make_a_circle_and_lose_no_message(tmp_path: Path) -> None:
    found = messages(tmp_path, ("a", "b"), ("b", "a"), ("c", "c"), ("a", "b"), ("d", "a"))
    assert shape(make_tree(found)) == [("a", [("b", ["a"]), "d"]), "c"]


def test_a_very_long_chain_is_arranged(tmp_path: Path) -> None:
    found = messages(tmp_path, *((f"m{n}", f"m{n - 1}") for n in range(100)))
    depth, nodes = 0, make_tree(found)
    while nodes:
        depth, nodes = depth + 1, nodes[0].children
    assert depth == 100


def test_a_record_that_is_taken_away_is_unavailable(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/r.db") as store:
        store.close()
        (tmp_path / "r.db").unlink()
        with pytest.raises(StoreUnavailable):
            store.reader.messages()
