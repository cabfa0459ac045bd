"""One GGUF in memory: its weights, its vocabulary, its metadata."""

import ctypes
from pathlib import Path
from typing import Any, Final

from lictor.runtime.inference.errors import ModelUnreadable
from lictor.runtime.inference.llama.library import load_library, native_log

ALL_LAYERS: Final = 999

_CONTROL: Final = 8
_USER_DEFINED: Final = 16


class LlamaModel:
    """A loaded model. Not thread-safe but for `tokenize`, `piece` and the properties, which only read."""

    def __init__(self, path: Path, gpu_layers: int | None) -> None:
        """Load a GGUF; `gpu_layers` None means all of them where the build can offload.

        Raises ModelUnreadable with llama.cpp's own reason.
        """
        self._lib: Any = load_library()
        self.path = path
        parameters = self._lib.llama_model_default_params()
        able = bool(self._lib.llama_supports_gpu_offload())
        self.gpu_layers = (ALL_LAYERS if gpu_layers is None else gpu_layers) if able else 0
        parameters.n_gpu_layers = self.gpu_layers
        native_log().errors.clear()
        self.handle = self._lib.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.handle:
            raise ModelUnreadable(
                path, native_log().reason() or "llama.cpp cannot read it: it is damaged, or of a newer kind"
            )
        self.vocabulary = self._lib.llama_model_get_vocab(self.handle)
        self.size = int(self._lib.llama_vocab_n_tokens(self.vocabulary))
        self._pieces: dict[int, bytes] = {}

    def close(self) -> None:
        """Free the model; every context over it must be closed before."""
        if self.handle:
            self._lib.llama_model_free(self.handle)
            self.handle = None

    @property
    def trained_context(self) -> int:
        """Tokens that the model was trained to hold."""
        return int(self._lib.llama_model_n_ctx_train(self.handle))

    @property
    def template(self) -> str:
        """The model's chat template, or an empty text."""
        found = self._lib.llama_model_chat_template(self.handle, None)
        return found.decode("utf-8", "replace") if found else ""

    def metadata(self, name: str) -> str:
        """Return one entry of the file's metadata as text, empty when there is none."""
        buffer = ctypes.create_string_buffer(256)
        count = self._lib.llama_model_meta_val_str(self.handle, name.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if count >= 0 else ""

    def special_texts(self) -> list[str]:
        """Return the texts of control tokens and of those that the model's maker added."""
        marked = _CONTROL | _USER_DEFINED
        return [
            self._lib.llama_vocab_get_text(self.vocabulary, token).decode("utf-8", "replace")
            for token in range(self.size)
            if self._lib.llama_vocab_get_attr(self.vocabulary, token) & marked
        ]

    def named_token(self, name: str) -> str:
        """Return the text of the `bos` or `eos` token, or an empty text."""
        token = getattr(self._lib, f"llama_vocab_{name}")(self.vocabulary)
        return self._lib.llama_vocab_get_text(self.vocabulary, token).decode("utf-8", "replace") if token >= 0 else ""

    def ends(self, token: int) -> bool:
        """Tell whether a token ends a turn."""
        return bool(self._lib.llama_vocab_is_eog(self.vocabulary, token))

    def tokenize(self, text: str, *, special: bool = True) -> list[int]:
        """Return a text as tokens; `special` reads the texts of control tokens as these."""
        data = text.encode()
        room = len(data) + 8
        tokens = (self._lib.llama_token * room)()
        count = self._lib.llama_tokenize(self.vocabulary, data, len(data), tokens, room, False, special)
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for; a control token stands for none."""
        known = self._pieces.get(token)
        if known is None:
            buffer = ctypes.create_string_buffer(64)
            count = self._lib.llama_token_to_piece(self.vocabulary, token, buffer, 64, 0, False)
            if count < 0:
                buffer = ctypes.create_string_buffer(-count)
                count = self._lib.llama_token_to_piece(self.vocabulary, token, buffer, -count, 0, False)
            known = self._pieces[token] = buffer.raw[: max(count, 0)]
        return known
