from lictor.runtime.definition.plan import Secret
from lictor.runtime.tools.secrets import revealed


def test_secrets_are_shown_to_the_one_who_needs_them_alone() -> None:
    values: dict[str, str | Secret] = {"TOKEN": Secret("s3cret"), "MODE": "test"}
    assert revealed(values) == {"TOKEN": "s3cret", "MODE": "test"}
    assert "s3cret" not in repr(values)
