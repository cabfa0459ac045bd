"""What a layer is told."""

import pytest

from lictor.guardrails.action import Action
from lictor.guardrails.layer import Circumstances


def test_circumstances_cannot_be_changed_by_a_layer() -> None:
    circumstances = Circumstances(1.0, Action("x"))
    assert circumstances.request is None
    with pytest.raises(AttributeError):
        circumstances.now = 2.0  # type: ignore[misc]
    with pytest.raises(AttributeError):
        circumstances.action.method = "y"  # type: ignore[misc]
