"""Messages as the one text that a model reads, by the model's own template."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lictor.runtime.inference.errors import BadRequest
from lictor.runtime.inference.request import ChatRequest, Tool

FALLBACK_TEMPLATE: Final = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""ChatML, for a model that carries no template."""


class PromptWriter:
    """Writes prompts for one model. `special` are the texts of its control tokens."""

    def __init__(self, template: str, *, bos: str, eos: str, special: Sequence[str]) -> None:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter  # noqa: PLC0415 — loads llama.cpp

        self._formatter: Any = Jinja2ChatFormatter(template=template, bos_token=bos, eos_token=eos)
        self._knows_tools = "tools" in template
        self._special = re.compile(
            "|".join(re.escape(text) for text in sorted(special, key=len, reverse=True) if text) or r"(?!)"
        )
        self.call_opening, self.call_closing = (
            ("<tool_call>\n", "\n</tool_call>") if "<tool_call>" in template else ("", "")
        )

    def write(self, request: ChatRequest) -> str:
        """Return the prompt; raises BadRequest with the template's own words when it refuses the messages."""
        tools = () if request.tool_choice == "none" else request.tools
        messages = [self._harmless(message) for message in request.messages]
        if not self._knows_tools:
            messages = _without_tools(messages)
            messages = _with_instructions(messages, tools) if tools else messages
        try:
            rendered = self._formatter(messages=messages, tools=[_described(tool) for tool in tools] or None)
        except Exception as error:  # a template is a program of the model's maker: it may raise anything
            raise BadRequest(f"the model's chat template refuses these messages: {error}") from error
        return str(rendered.prompt)

    def _harmless(self, value: Any) -> Any:  # noqa: ANN401 — JSON in, JSON out
        """Return a value whose texts hold no control token: a message must not be able to end its own turn."""
        if isinstance(value, str):
            return self._special.sub(lambda found: f"{found[0][0]}\u200b{found[0][1:]}", value)
        if isinstance(value, Mapping):
            return {key: self._harmless(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._harmless(each) for each in value]
        return value


def _without_tools(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return messages for a template that knows no tools: calls and results become plain turns."""
    plain: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] == "tool":
            plain.append({"role": "user", "content": f"Result of the tool:\n{message['content']}"})
        elif message.get("tool_calls"):
            calls = "\n".join(_written(call["function"]) for call in message["tool_calls"])
            plain.append({"role": message["role"], "content": f"{message['content']}\n{calls}".strip()})
        else:
            plain.append({"role": message["role"], "content": message["content"]})
    return plain


def _with_instructions(messages: list[dict[str, Any]], tools: Sequence[Tool]) -> list[dict[str, Any]]:
    listed = "\n".join(
        f"- {tool.name}: {tool.description} Arguments: {json.dumps(tool.parameters.get('properties', {}))}"
        for tool in tools
    )
    text = (
        "You can call tools. To call one, answer with nothing but "
        f'{{"name": "<tool>", "arguments": {{…}}}}. The tools:\n{listed}'
    )
    if messages[0]["role"] == "system":
        return [{**messages[0], "content": f"{messages[0]['content']}\n\n{text}"}, *messages[1:]]
    return [{"role": "system", "content": text}, *messages]


def _written(function: Mapping[str, Any]) -> str:
    return f'{{"name": {json.dumps(function["name"])}, "arguments": {function.get("arguments") or "{}"}}}'


def _described(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}
