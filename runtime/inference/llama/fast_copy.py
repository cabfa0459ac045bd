"""A copy of a small model in a form that processors read faster, made once and kept in the user's cache.

llama.cpp multiplies whole blocks of a prompt only in some formats. On a processor, Q4_1, Q5_0 and Q5_1 are not among
them: the same weights held as Q8_0 read prompts two to three times faster, and take half as much memory again.
"""

import ctypes
import hashlib
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from lictor.runtime.inference.errors import ModelUnreadable
from lictor.runtime.inference.llama.library import load_library
from lictor.runtime.inference.llama.model import LlamaModel

_SLOW: Final = frozenset({"3", "8", "9"})
"""GGUF's `general.file_type` of Q4_1, Q5_0 and Q5_1."""

_Q8_0: Final = 7
_LARGEST: Final = 512 * 1024 * 1024
"""Bytes up to which a copy is worth its disk and its seconds."""

_log = logging.getLogger(__name__)


def load_fastest(path: Path, gpu_layers: int | None, cache: Path | None) -> LlamaModel:
    """Load a model, or its fast copy from the folder `cache`; None means no copies. Raises ModelUnreadable."""
    model = LlamaModel(path, gpu_layers)
    slow = not model.gpu_layers and model.metadata("general.file_type") in _SLOW and path.stat().st_size <= _LARGEST
    if not slow or cache is None:
        return model
    copy = _copy(path, cache)
    if copy is None:
        return model
    try:
        faster = LlamaModel(copy, gpu_layers)
    except ModelUnreadable as error:
        _log.warning("the copy is removed: %s", error)
        copy.unlink(missing_ok=True)
        return model
    model.close()
    return faster


def cache_folder() -> Path | None:
    """Return where copies are kept, `$XDG_CACHE_HOME/lictor/models`; None without a home."""
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lictor" / "models"
    except RuntimeError:
        return None


def _copy(path: Path, cache: Path) -> Path | None:
    """Return the copy of a file, made now if there is none; None where it cannot be made."""
    state = path.stat()
    key = hashlib.sha256(f"{path.resolve()} {state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:16]
    copy = cache / key / f"{path.stem}-as-Q8_0.gguf"
    if copy.exists():
        return copy
    lib = load_library()
    parameters = lib.llama_model_quantize_default_params()
    parameters.ftype = _Q8_0
    parameters.allow_requantize = True
    parameters.nthread = 1
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        failed = lib.llama_model_quantize(str(path).encode(), str(unfinished).encode(), ctypes.byref(parameters))
        if not failed:
            unfinished.replace(copy)
            return copy
    except OSError as error:
        _log.info("no faster copy of %s is kept: %s", path.name, error)
    else:
        _log.info("llama.cpp could not make a faster copy of %s", path.name)
    with suppress(OSError):
        unfinished.unlink(missing_ok=True)
    return None
