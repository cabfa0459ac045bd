"""Errors say what is wrong, where, and what to do."""

from pathlib import Path

from lictor.runtime.inference.errors import ContextOverflow, ModelUnreadable


def test_an_overflow_tells_the_numbers_and_the_ways_out() -> None:
    error = ContextOverflow(5000, 100, 4096)
    assert all(word in str(error) for word in ("5000", "100", "4096", "context"))
    assert (error.code, error.type) == ("context_length_exceeded", "invalid_request_error")


def test_an_unreadable_model_keeps_its_path_and_reason() -> None:
    error = ModelUnreadable(Path("a/b.gguf"), "it is not a GGUF file")
    assert (error.path, error.reason) == (Path("a/b.gguf"), "it is not a GGUF file")
    assert str(error) == "cannot load the model a/b.gguf: it is not a GGUF file"
