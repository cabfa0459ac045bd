"""Requests, plans and files for tests of model workers."""

import asyncio
import json
from pathlib import Path
from typing import Any

from lictor.runtime.definition.plan import ModelPlan
from lictor.runtime.inference.request import ChatRequest, read_request


def asked(text: str = "hello", **parameters: Any) -> dict[str, Any]:
    """Return a request document with one user message, unless `messages` says otherwise."""
    return {"messages": [{"role": "user", "content": text}], **parameters}


def body(text: str = "hello", **parameters: Any) -> bytes:
    """Return a request as it travels."""
    return json.dumps(asked(text, **parameters)).encode()


def chat(text: str = "hello", **parameters: Any) -> ChatRequest:
    """Return a request as a backend sees it."""
    return read_request(body(text, **parameters))


def schema_format(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the `response_format` that holds an answer to a schema."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def tool(name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return a tool in OpenAI's form."""
    return {"type": "function", "function": {"name": name, "description": f"{name} it", "parameters": parameters}}


def script_plan(folder: Path, rules: str) -> ModelPlan:
    """Return the plan of a scripted model with these rules."""
    file = folder / "desk.yaml"
    file.write_text(rules, encoding="utf-8")
    return ModelPlan("model-scripted", "scripted/desk.yaml", "scripted", gguf=file)


async def held(folder: Path, name: str) -> None:
    """Wait until a script holds an answer."""
    async with asyncio.timeout(10):
        while not (folder / f"{name}.held").exists():
            await asyncio.sleep(0.001)


def release(folder: Path, name: str) -> None:
    """Let a held answer go."""
    (folder / f"{name}.release").touch()


SMOLLM2 = ModelPlan("model-smollm2", "builtin/smollm2", "llama-cpp")
