"""A GGUF in memory, and GGUFs that cannot get there."""

from pathlib import Path

import pytest
from model_requests import SMOLLM2

from lictor.runtime.inference.errors import ModelUnreadable
from lictor.runtime.inference.llama.model import LlamaModel
from lictor.runtime.inference.model_file import find_model_file

pytestmark = pytest.mark.slow


def test_what_a_model_tells(smollm2: LlamaModel) -> None:
    assert smollm2.path.name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert "<|im_start|>" in smollm2.template
    assert smollm2.trained_context == 8192
    assert {"<|im_start|>", "<|im_end|>", "<|endoftext|>"} <= set(smollm2.special_texts())
    assert (smollm2.named_token("bos"), smollm2.named_token("eos")) == ("<|im_start|>", "<|im_end|>")


@pytest.mark.parametrize("text", ["hello there", "  spaces  ", "naïve €5 日本 🙂", "", "a\nb\tc"])
def test_tokens_become_the_same_text_again(smollm2: LlamaModel, text: str) -> None:
    tokens = smollm2.tokenize(text)
    assert b"".join(smollm2.piece(token) for token in tokens).decode() == text


def test_control_tokens_are_read_only_where_they_may_be(smollm2: LlamaModel) -> None:
    (end,) = smollm2.tokenize("<|im_end|>")
    assert smollm2.ends(end)
    assert smollm2.piece(end) == b""
    plain = smollm2.tokenize("<|im_end|>", special=False)
    assert len(plain) > 1
    assert not any(smollm2.ends(token) for token in plain)


@pytest.mark.parametrize(
    ("kept", "reason"), [(1_000_000, "read"), (50_000_000, "corrupted or incomplete"), (24, "read")]
)
def test_a_file_that_was_cut_off_is_refused_with_its_reason(tmp_path: Path, kept: int, reason: str) -> None:
    path = tmp_path / "cut.gguf"
    with find_model_file(SMOLLM2).open("rb") as whole:
        path.write_bytes(whole.read(kept))
    with pytest.raises(ModelUnreadable, match=reason) as caught:
        LlamaModel(path, None)
    assert caught.value.path == path


def test_closing_twice_is_closing_once() -> None:
    model = LlamaModel(find_model_file(SMOLLM2), 0)
    model.close()
    model.close()
    assert model.gpu_layers == 0
