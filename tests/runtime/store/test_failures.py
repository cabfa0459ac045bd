import pytest

from lictor.runtime.store import failures


@pytest.mark.parametrize(
    "name", ["NoRecord", "NotARecord", "NewerRecord", "OlderRecord", "StoreUnavailable", "Unstorable"]
)
def test_whoever_catches_the_root_catches_all(name: str) -> None:
    failure = getattr(failures, name)
    assert issubclass(failure, failures.StoreError)
    assert failure.__doc__.startswith("Raised when ")
