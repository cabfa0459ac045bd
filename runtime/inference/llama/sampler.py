"""Choosing the next token of one request: probabilities, a grammar, and a way to end before the tokens run out."""

import ctypes
import secrets
from typing import Any, Final

import numpy as np

from lictor.runtime.inference.errors import BackendFailed, BadRequest
from lictor.runtime.inference.json_place import JsonPlace
from lictor.runtime.inference.llama.context import LlamaContext
from lictor.runtime.inference.llama.library import load_library, native_log
from lictor.runtime.inference.llama.model import LlamaModel
from lictor.runtime.inference.request import ChatRequest

TEMPERATURE: Final = 0.8
TOP_K: Final = 40
TOP_P: Final = 0.95
MIN_P: Final = 0.05

_REMEMBERED: Final = 64
_CANDIDATE: Final = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)], align=True)


class Sampler:
    """Samples for one request; one thread uses it. All tokens meet the grammar only when the likely one breaks it."""

    def __init__(self, model: LlamaModel, request: ChatRequest, grammar: str) -> None:
        """Build the chain of a request; raises BadRequest when llama.cpp cannot read the grammar."""
        self._lib: Any = load_library()
        self._model = model
        self._place = JsonPlace()
        self._chain: Any = None
        self._grammar: Any = None
        if grammar:
            native_log().errors.clear()
            self._grammar = self._lib.llama_sampler_init_grammar(model.vocabulary, grammar.encode(), b"root")
            if not self._grammar:
                raise BadRequest(f"the grammar cannot be used: {native_log().reason() or 'it has an error'}")
        self._chain = self._lib.llama_sampler_chain_init(self._lib.llama_sampler_chain_default_params())
        for part in _parts(self._lib, model, request):
            self._lib.llama_sampler_chain_add(self._chain, part)
        self._closers = {mark: self._one_token(mark) for mark in '}],:"0[{'} if grammar else {}

    @property
    def depth(self) -> int:
        """Objects and lists that are open in the JSON text that was sampled."""
        return self._place.depth

    def close(self) -> None:
        """Free the chain and the grammar."""
        if self._chain:
            self._lib.llama_sampler_free(self._chain)
            self._chain = None
        if self._grammar:
            self._lib.llama_sampler_free(self._grammar)
            self._grammar = None

    def __del__(self) -> None:
        self.close()  # a request may be dropped before any decoder saw it

    def sample(self, context: LlamaContext, place: int, *, closing: bool = False) -> int:
        """Return the next token from the output at a place of the last batch.

        `closing` takes the shortest way to the end of a JSON text. Raises BackendFailed when nothing fits the grammar.
        """
        if not self._grammar:
            return int(self._lib.llama_sampler_sample(self._chain, context.handle, place))
        logits = np.ctypeslib.as_array(context.logits(place), (self._model.size,))
        token = self._close_json() if closing else self._likely(logits)
        if token < 0:
            token = self._fitting(logits, greedy=closing)
        self._lib.llama_sampler_accept(self._grammar, token)
        self._lib.llama_sampler_accept(self._chain, token)
        self._place.push(self._model.piece(token))
        return token

    def _likely(self, logits: "np.ndarray[Any, Any]") -> int:
        """Return what the chain picks without the grammar, or -1 when the grammar forbids it."""
        candidates = _candidates(logits)
        token = self._pick(candidates)
        return token if self._allows(token) else -1

    def _fitting(self, logits: "np.ndarray[Any, Any]", *, greedy: bool) -> int:
        """Return what the chain, or the highest output, picks among all that the grammar allows."""
        candidates = _candidates(logits)
        array = _array(self._lib, candidates)
        self._lib.llama_sampler_apply(self._grammar, ctypes.byref(array))
        if not np.isfinite(candidates["logit"]).any():
            raise BackendFailed("no token of the model fits the grammar")
        if greedy:
            return int(candidates["id"][candidates["logit"].argmax()])
        return self._pick(candidates)

    def _close_json(self) -> int:
        """Return the mark that leads to the end of a JSON text soonest, or -1 when none may stand here.

        Single marks only: a token like `{"` opens what then must be filled.
        """
        marks = '"' if self._place.in_text else '}],:"0[{'
        return next((self._closers[mark] for mark in marks if self._allows(self._closers[mark])), -1)

    def _allows(self, token: int) -> bool:
        if token < 0:
            return False
        candidates = np.array([(token, 1.0, 0.0)], dtype=_CANDIDATE)
        array = _array(self._lib, candidates)
        self._lib.llama_sampler_apply(self._grammar, ctypes.byref(array))
        return bool(np.isfinite(candidates["logit"][0]))

    def _pick(self, candidates: "np.ndarray[Any, Any]") -> int:
        array = _array(self._lib, candidates)
        self._lib.llama_sampler_apply(self._chain, ctypes.byref(array))
        if array.selected < 0:
            raise BackendFailed("llama.cpp selected no token")
        return int(array.data[array.selected].id)

    def _one_token(self, mark: str) -> int:
        tokens = self._model.tokenize(mark, special=False)
        return tokens[-1] if tokens and self._model.piece(tokens[-1]) == mark.encode() else -1


def _parts(lib: Any, model: LlamaModel, request: ChatRequest) -> list[Any]:  # noqa: ANN401 — C pointers
    parts = []
    if request.repeat_penalty != 1 or request.frequency_penalty or request.presence_penalty:
        parts.append(
            lib.llama_sampler_init_penalties(
                model.size, _REMEMBERED, request.repeat_penalty, request.frequency_penalty, request.presence_penalty
            )
        )
    temperature = TEMPERATURE if request.temperature is None else request.temperature
    if temperature <= 0:
        return [*parts, lib.llama_sampler_init_greedy()]
    seed = secrets.randbits(32) if request.seed is None else request.seed & 0xFFFFFFFF
    top_k = TOP_K if request.top_k is None else request.top_k
    if top_k:
        parts.append(lib.llama_sampler_init_top_k(top_k))
    return [
        *parts,
        lib.llama_sampler_init_top_p(TOP_P if request.top_p is None else request.top_p, 1),
        lib.llama_sampler_init_min_p(MIN_P if request.min_p is None else request.min_p, 1),
        lib.llama_sampler_init_temp(temperature),
        lib.llama_sampler_init_dist(seed),
    ]


def _candidates(logits: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    candidates = np.zeros(len(logits), dtype=_CANDIDATE)
    candidates["id"] = np.arange(len(logits), dtype=np.int32)
    candidates["logit"] = logits
    return candidates


def _array(lib: Any, candidates: "np.ndarray[Any, Any]") -> Any:  # noqa: ANN401 — a C structure
    data = candidates.ctypes.data_as(lib.llama_token_data_p)
    return lib.llama_token_data_array(data=data, size=len(candidates), selected=-1, sorted=False)
