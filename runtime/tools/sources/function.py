"""One Python function of the user as a tool: `file.py:func`."""

import asyncio
import importlib.util
import inspect
import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import anyio.to_thread
from mcp import MCPError
from mcp.server.mcpserver.exceptions import InvalidSignature, ToolError
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata, func_metadata
from mcp.types import INVALID_PARAMS, CallToolResult, Tool
from pydantic import ValidationError
from pydantic.errors import PydanticUserError

from lictor.protocols.mcp.service import failed
from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.tools.events import wait_for_any
from lictor.runtime.tools.failures import SourceFailed
from lictor.runtime.tools.secrets import revealed

MOST_LATE: Final = 16
"""Calls that may run on in their threads after nobody waits for them any more: a thread cannot be ended."""

_log = logging.getLogger(__name__)


class Function:
    """Its schema comes from the type hints, its description from the docstring; a sync function runs in a thread.

    When too many calls never return, it fails, so that the process ends and their threads with it.
    """

    def __init__(self, plan: ToolPlan) -> None:
        self._plan = plan
        self._function: Callable[..., Any] | None = None
        self._metadata: FuncMetadata | None = None
        self._closed = asyncio.Event()
        self._full = asyncio.Event()
        self._calls: set[_Call] = set()
        """Those that run in a thread."""

    async def open(self) -> None:
        """Load the file and read the signature; raises SourceFailed."""
        if self._function is None:
            os.environ.update(revealed(self._plan.environment))  # this process is the function's own
            self._function = load(self._plan.source or Path(), self._plan.function)
            try:
                self._metadata = func_metadata(self._function)
            except (InvalidSignature, PydanticUserError, TypeError) as error:
                place = f"{self._plan.source}:{self._plan.function}"
                raise SourceFailed(f"{place}: its signature makes no tool: {error}") from error

    async def close(self) -> None:
        """Forget the function; a call that runs in a thread runs to its end."""
        self._closed.set()

    async def wait(self) -> None:
        """Return once closed; raises SourceFailed when too many calls have not returned."""
        await wait_for_any(self._closed, self._full)
        if not self._closed.is_set():
            raise SourceFailed(f"{self._plan.principal}: {MOST_LATE} calls of {self._plan.function} do not return")

    async def list_tools(self) -> list[Tool]:
        """Return the one tool."""
        function, metadata = self._loaded()
        return [
            Tool(
                name=self._plan.function,
                description=inspect.getdoc(function) or "",
                input_schema=metadata.arg_model.model_json_schema(by_alias=True),
                output_schema=metadata.output_schema,
            )
        ]

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call the function; what goes wrong is told in a sentence, and its traceback goes to the log."""
        function, metadata = self._loaded()
        if name != self._plan.function:
            known = self._plan.function
            raise MCPError(code=INVALID_PARAMS, message=f"there is no tool {name[:80]!r}; there is {known!r}")
        schema = metadata.arg_model.model_json_schema(by_alias=True)
        unknown = sorted(set(arguments) - set(schema.get("properties", {})))
        if unknown:
            return failed(f"{name} has no argument {', '.join(map(repr, unknown))[:200]}.")
        try:
            checked = metadata.validate_arguments(dict(arguments))
        except ValidationError as error:
            return failed(f"The arguments of {name} are not right: {_complaints(error)}.")
        try:
            async with asyncio.timeout(self._plan.timeout):
                value = await self._called(function, checked)
            return _result(metadata, value)
        except TimeoutError:
            return failed(f"{name} did not answer within {self._plan.timeout:g} s.")
        except ToolError as error:
            return failed(str(error))
        except Exception as error:
            _log.exception("the tool %s failed", name)
            return failed(f"{name} failed ({type(error).__name__}).")

    async def _called(self, function: Callable[..., Any], arguments: dict[str, Any]) -> object:
        if inspect.iscoroutinefunction(function):
            return await function(**arguments)
        call = _Call()

        def run() -> object:
            self._calls.add(call)
            try:
                return function(**arguments)
            finally:
                self._calls.discard(call)

        try:
            return await anyio.to_thread.run_sync(run, abandon_on_cancel=True)
        except asyncio.CancelledError:
            call.late = True
            if sum(each.late for each in tuple(self._calls)) >= MOST_LATE:
                self._full.set()
            raise

    def _loaded(self) -> tuple[Callable[..., Any], FuncMetadata]:
        if self._function is None or self._metadata is None:
            raise SourceFailed(f"{self._plan.principal}: the function is not loaded")
        return self._function, self._metadata


def load(file: Path, name: str) -> Callable[..., Any]:
    """Return the function `name` of a Python file, beside which imports are found; raises SourceFailed."""
    specification = importlib.util.spec_from_file_location(f"_lictor_tool_{file.stem}", file)
    if specification is None or specification.loader is None or not file.is_file():
        raise SourceFailed(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    sys.path.insert(0, str(file.parent))
    try:
        specification.loader.exec_module(module)
    except Exception as error:
        _log.exception("%s cannot be loaded", file)
        raise SourceFailed(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error
    found = getattr(module, name, None)
    if not callable(found):
        raise SourceFailed(f"{file} has no function {name!r}")
    return found  # type: ignore[no-any-return]


class _Call:
    """One call in a thread."""

    def __init__(self) -> None:
        self.late = False


def _result(metadata: FuncMetadata, value: object) -> CallToolResult:
    result = metadata.convert_result(value)
    if not isinstance(result, CallToolResult):
        raise TypeError("a function cannot ask for more input")
    return result


def _complaints(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found[:5])
