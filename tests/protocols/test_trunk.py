"""The contract is tested on its one implementation, in nats/."""

from lictor.protocols.nats.trunk import NatsTrunk
from lictor.protocols.trunk import Trunk


def implementation(nats: NatsTrunk) -> Trunk:
    """Hold for the type checker: it is a trunk."""
    return nats


def test_the_implementation_has_what_the_contract_asks() -> None:
    asked = {name for name in vars(Trunk) if not name.startswith("_")}
    assert asked <= set(dir(NatsTrunk))
