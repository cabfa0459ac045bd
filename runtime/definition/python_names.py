"""Looks for a name in a Python file without running it."""

import ast
from pathlib import Path


class NotPython(Exception):
    """Raised when a file cannot be read or is not Python; the text says why."""


def defined_names(path: Path) -> tuple[frozenset[str], bool]:
    """Return the names that the file binds at its top level, and whether a star import may bind more.

    Raises NotPython.
    """
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        raise NotPython(f"line {error.lineno}: {error.msg}" if error.lineno else error.msg) from None
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        raise NotPython((error.strerror or str(error)) if isinstance(error, OSError) else str(error)) from None
    names: set[str] = set()
    star = False
    for statement in ast.walk(tree):
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.ImportFrom(names=aliases) | ast.Import(names=aliases):
                star = star or any(alias.name == "*" for alias in aliases)
                names.update(alias.asname or alias.name.partition(".")[0] for alias in aliases)
    return frozenset(names), star


def split_reference(reference: str) -> tuple[str, str]:
    """Return the file and the name of `file.py:name`; empty texts when it is not of this form."""
    file, colon, name = reference.rpartition(":")
    return (file, name) if colon and file.endswith(".py") and name.isidentifier() else ("", "")
