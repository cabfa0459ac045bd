"""A faster copy is made once, is left where it cannot be made, and a damaged one is not used."""

import logging
from pathlib import Path

import pytest
from model_requests import SMOLLM2

from lictor.runtime.inference.llama.fast_copy import cache_folder, load_fastest
from lictor.runtime.inference.model_file import find_model_file

pytestmark = pytest.mark.slow


def loaded(cache: Path | None) -> str:
    model = load_fastest(find_model_file(SMOLLM2), None, cache)
    assert model.tokenize("hello")
    model.close()
    return model.path.name


def test_a_copy_is_made_once(tmp_path: Path) -> None:
    assert loaded(tmp_path) == "SmolLM2-135M-Instruct.Q4_1-as-Q8_0.gguf"
    (copy,) = tmp_path.glob("*/*")
    made = copy.stat()
    assert loaded(tmp_path) == copy.name
    assert copy.stat().st_mtime_ns == made.st_mtime_ns


def test_without_a_folder_the_file_itself_runs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert loaded(None) == "SmolLM2-135M-Instruct.Q4_1.gguf"
    blocked = tmp_path / "file"
    blocked.touch()
    with caplog.at_level(logging.INFO):
        assert loaded(blocked) == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert "no faster copy" in caplog.text


def test_a_damaged_copy_is_removed_and_the_file_itself_runs(tmp_path: Path) -> None:
    loaded(tmp_path)
    (copy,) = tmp_path.glob("*/*")
    copy.write_bytes(b"GGUF")
    assert loaded(tmp_path) == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert not copy.exists()
    assert loaded(tmp_path) == copy.name


def test_where_copies_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "lictor" / "models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/x")
    assert cache_folder() == Path("/home/x/.cache/lictor/models")
