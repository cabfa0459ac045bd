"""llama.cpp's log goes to Python's, and its errors say why something failed."""

import logging
import os

import pytest

from lictor.runtime.inference.llama.library import load_library, native_log

pytestmark = pytest.mark.slow


def test_openmp_is_told_not_to_spin() -> None:
    load_library()
    assert os.environ["OMP_WAIT_POLICY"]


def test_errors_are_kept_and_cleaned_of_names(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    lib = load_library()
    native_log().errors.clear()
    with caplog.at_level(logging.DEBUG, "lictor.llama_cpp"):
        assert not lib.llama_model_load_from_file(b"/nowhere.gguf", lib.llama_model_default_params())
    assert "nowhere.gguf" in caplog.text
    assert native_log().reason()
    assert not native_log().reason().startswith("llama_model_load")
    assert capfd.readouterr() == ("", "")
