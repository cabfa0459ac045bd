"""One llama.cpp context with many sequences that share its cells."""

import ctypes
from collections.abc import Sequence
from typing import Any

from lictor.runtime.inference.errors import BackendFailed, ModelUnreadable
from lictor.runtime.inference.llama.library import load_library, native_log
from lictor.runtime.inference.llama.model import LlamaModel
from lictor.runtime.inference.schedule import Row


class LlamaContext:
    """Keys and values of several sequences; one thread uses it."""

    def __init__(self, model: LlamaModel, *, slots: int, cells: int, batch: int, threads: int) -> None:
        """Make a context; raises ModelUnreadable when its memory cannot be had."""
        self._lib: Any = load_library()
        parameters = self._lib.llama_context_default_params()
        parameters.n_ctx = cells
        parameters.n_batch = parameters.n_ubatch = batch
        parameters.n_seq_max = slots
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.kv_unified = True
        parameters.no_perf = True
        native_log().errors.clear()
        self.handle = self._lib.llama_init_from_model(model.handle, parameters)
        if not self.handle:
            reason = native_log().reason() or f"no memory for {cells} tokens of context"
            raise ModelUnreadable(model.path, reason)
        self._memory = self._lib.llama_get_memory(self.handle)
        self._batch = self._lib.llama_batch_init(batch, 0, 1)

    def close(self) -> None:
        """Free the context."""
        if self.handle:
            self._lib.llama_batch_free(self._batch)
            self._lib.llama_free(self.handle)
            self.handle = None

    def take_over(self, slot: int, source: int, keep: int) -> int:
        """Make `slot` hold the first `keep` tokens of `source`; return how many it holds, 0 where the model cannot."""
        if source != slot:
            self.clear(slot)
            if keep:
                self._lib.llama_memory_seq_cp(self._memory, source, slot, 0, keep)
        elif not self._lib.llama_memory_seq_rm(self._memory, slot, keep, -1):
            keep = 0
        # a model with a sliding window, or with a state instead of cells, may not hold the whole prefix
        whole = (
            self._lib.llama_memory_seq_pos_min(self._memory, slot) == 0
            and self._lib.llama_memory_seq_pos_max(self._memory, slot) == keep - 1
        )
        if not keep or not whole:
            self.clear(slot)
            return 0
        return keep

    def clear(self, slot: int) -> None:
        """Give back all cells of a sequence."""
        self._lib.llama_memory_seq_rm(self._memory, slot, -1, -1)

    def decode(self, rows: Sequence[Row]) -> None:
        """Compute rows; raises BackendFailed."""
        batch = self._batch
        batch.n_tokens = len(rows)
        for place, row in enumerate(rows):
            batch.token[place] = row.token
            batch.pos[place] = row.position
            batch.n_seq_id[place] = 1
            batch.seq_id[place][0] = row.slot
            batch.logits[place] = row.sampled
        result = self._lib.llama_decode(self.handle, batch)
        if result:
            raise BackendFailed(f"llama.cpp could not compute a batch of {len(rows)} tokens (code {result})")

    def logits(self, place: int) -> ctypes.Array[ctypes.c_float]:
        """Return the output of the row at a place of the last batch; raises BackendFailed."""
        found: ctypes.Array[ctypes.c_float] = self._lib.llama_get_logits_ith(self.handle, place)
        if not found:
            raise BackendFailed("llama.cpp has no output for a token that was asked for")
        return found
