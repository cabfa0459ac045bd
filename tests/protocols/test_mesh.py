"""The contract's values; the contract itself is tested in conformance/."""

from lictor.protocols.in_memory.mesh import InMemoryMesh
from lictor.protocols.mesh import Answer, Mesh, Thread
from lictor.protocols.nats.mesh import NatsMesh


def implementations(nats: NatsMesh, in_memory: InMemoryMesh) -> list[Mesh]:
    """Hold for the type checker: both are meshes."""
    return [nats, in_memory]


def test_a_thread_belongs_nowhere_until_it_is_said() -> None:
    assert Thread() == Thread("", "", "", "", 0, "")


def test_an_answer_is_plain() -> None:
    assert Answer("i", b"{}", True) == Answer(id="i", body=b"{}", end=True, content_type="", labels="")
