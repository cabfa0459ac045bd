"""llama.cpp as a library of this process: loaded once, its log led to Python's."""

import ctypes
import functools
import logging
import re
from collections import deque
from typing import Any, Final

from lictor.runtime.inference.threads import calm_openmp

_LEVELS: Final = {1: logging.DEBUG, 2: logging.DEBUG, 3: logging.WARNING, 4: logging.ERROR}
"""ggml's levels; what it calls information is only of use to whoever debugs it. 5 goes on with the last one."""

_PREFIX: Final = re.compile(r"^(\w+: )+(error loading model: )?(\w+: )?")
"""Names of C++ functions before what they say."""

_log = logging.getLogger("lictor.llama_cpp")


class NativeLog:
    """Receives llama.cpp's log. The last errors are kept: they say why a model cannot be loaded."""

    def __init__(self, library: Any) -> None:  # noqa: ANN401 — llama_cpp's module has no usable types
        self._level = logging.DEBUG
        self.errors: deque[str] = deque(maxlen=8)
        self._callback = library.llama_log_callback(self._receive)
        library.llama_log_set(self._callback, ctypes.c_void_p(0))

    def reason(self) -> str:
        """Return the first two errors that say more than that something failed; empty when there was none."""
        said = (_PREFIX.sub("", line) for line in self.errors)
        telling = dict.fromkeys(line for line in said if not line.startswith("failed to load model"))
        return "; ".join([*telling][:2])

    def _receive(self, level: int, text: bytes, _data: object) -> None:
        line = text.decode("utf-8", "replace").strip()
        self._level = _LEVELS.get(level, self._level)
        if not line.strip("."):
            return
        if self._level >= logging.ERROR:
            self.errors.append(line)
        _log.log(logging.DEBUG if self._level < logging.WARNING else logging.INFO, "%s", line)


@functools.cache
def load_library() -> Any:  # noqa: ANN401 — llama_cpp's module has no usable types
    """Load llama.cpp and return llama-cpp-python's low-level module; OpenMP is told before not to spin."""
    calm_openmp()
    from llama_cpp import llama_cpp  # noqa: PLC0415 — heavy, and OpenMP reads its settings when it is loaded

    native_log()
    llama_cpp.llama_backend_init()
    return llama_cpp


@functools.cache
def native_log() -> NativeLog:
    """Return the receiver of llama.cpp's log; the C side keeps a pointer to it, so it lives as long as the process."""
    from llama_cpp import llama_cpp  # noqa: PLC0415 — heavy

    return NativeLog(llama_cpp)
