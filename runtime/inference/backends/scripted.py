r"""Answers from rules in a YAML file, for tests. Its model is called `scripted/…`, and nothing chooses it silently.

name: desk                      # the model is scripted/desk; left out: the file's name
rules:                          # the first that matches answers
- prefix: "Where is"          # of the last user message; or
regex: "how many (\w+)"    # found anywhere in it, `\1` in the answer stands for its groups
system: "You are triage"    # and found in the system message
after: tool                 # and the last message is a tool's result (`user`: it is the user's)
answer: "In the cellar."
- regex: ".*"
call: {name: search, arguments: {query: x}}
- prefix: "slow"
hold: gate                  # creates `gate.held` beside the file and waits for `gate.release`
answer: "at last"
- prefix: "bad"
fail: "out of memory"       # an error instead of an answer
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lictor.protocols.identifiers import new_id
from lictor.runtime.inference.backend import Completion, Delta, ToolCall, Usage, gather
from lictor.runtime.inference.errors import BackendFailed, ModelUnreadable, NoRule
from lictor.runtime.inference.request import ChatRequest

_LOOK: Final = 0.01
_WORDS: Final = re.compile(r"\S+\s*")
_KEYS: Final = frozenset({"prefix", "regex", "system", "after", "answer", "call", "hold", "fail"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a script."""

    prefix: str
    regex: re.Pattern[str]
    system: str
    after: str
    answer: str
    call: Mapping[str, Any] | None
    hold: str
    fail: str

    def match(self, question: str, system: str, last: str) -> re.Match[str] | None:
        """Return the match in the last user message when the rule holds."""
        if not question.startswith(self.prefix) or self.system not in system or self.after not in ("", last):
            return None
        return self.regex.search(question)


class ScriptedBackend:
    """Answers from the rules of one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._name = file.stem
        self._rules: tuple[Rule, ...] = ()
        self._closed = asyncio.Event()

    @property
    def model(self) -> str:
        """`scripted/` and the script's name."""
        return f"scripted/{self._name}"

    async def open(self) -> None:
        """Read the rules; raises ModelUnreadable with the number of the rule that is wrong."""
        self._closed.clear()
        self._name, self._rules = await asyncio.to_thread(_read, self._file)

    async def close(self) -> None:
        """End; held answers fail."""
        self._closed.set()

    async def wait(self) -> None:
        """Return when closed."""
        await self._closed.wait()

    async def complete(self, request: ChatRequest) -> Completion:
        """Answer in one piece."""
        return await gather(self.stream(request))

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Answer word by word; raises NoRule, and BackendFailed where a rule says so."""
        question, system = _last(request, "user"), _last(request, "system")
        last = str(request.messages[-1]["role"])
        found = ((rule, rule.match(question, system, last)) for rule in self._rules)
        rule, match = next(((rule, match) for rule, match in found if match is not None), (None, None))
        if rule is None or match is None:
            raise NoRule(f"no rule of {self.model} matches {question[:80]!r}")
        if rule.hold:
            await self._hold(rule.hold)
        if rule.fail:
            raise BackendFailed(rule.fail)
        prompt = sum(len(_WORDS.findall(message["content"])) for message in request.messages)
        if rule.call is not None:
            arguments = json.dumps(rule.call.get("arguments", {}))
            yield Delta(
                calls=(ToolCall(f"call_{new_id()}", rule.call["name"], arguments),),
                finish="tool_calls",
                usage=Usage(prompt, 1),
            )
            return
        words = _WORDS.findall(match.expand(rule.answer))[: request.max_tokens]
        for word in words:
            yield Delta(word)
        whole = "length" if request.max_tokens == len(words) else "stop"
        yield Delta(finish=whole, usage=Usage(prompt, len(words)))

    async def _hold(self, name: str) -> None:
        """Tell that an answer is held, and wait for its release; files, so that another process can do it."""
        release = self._file.with_name(f"{name}.release")
        self._file.with_name(f"{name}.held").touch()
        while not release.exists():
            if self._closed.is_set():
                raise BackendFailed("the model stopped before the answer was complete")
            await asyncio.sleep(_LOOK)


def _last(request: ChatRequest, role: str) -> str:
    texts = [str(message["content"]) for message in request.messages if message["role"] == role]
    return texts[-1] if texts else ""


def _read(file: Path) -> tuple[str, tuple[Rule, ...]]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelUnreadable(file, (error.strerror or str(error)).lower()) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelUnreadable(file, f"it is not YAML: {error}") from None
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, list):
        raise ModelUnreadable(file, "it has no list of `rules`")
    return str(document.get("name") or file.stem), tuple(
        _rule(file, number, each) for number, each in enumerate(rules, 1)
    )


def _rule(file: Path, number: int, rule: object) -> Rule:
    if not isinstance(rule, dict) or not rule.keys() <= _KEYS:
        raise ModelUnreadable(file, f"rule {number} may have: {', '.join(sorted(_KEYS))}")
    call = rule.get("call")
    if call is not None and not (isinstance(call, dict) and isinstance(call.get("name"), str)):
        raise ModelUnreadable(file, f"rule {number}: `call` must be {{name, arguments}}")
    if not rule.keys() & {"answer", "call", "fail"}:
        raise ModelUnreadable(file, f"rule {number} has neither answer, call nor fail")
    try:
        regex = re.compile(str(rule.get("regex", "")), re.DOTALL)
    except re.error as error:
        raise ModelUnreadable(file, f"rule {number}: `regex` {error}") from None
    words = {name: str(rule.get(name, "")) for name in ("prefix", "system", "after", "answer", "hold", "fail")}
    return Rule(regex=regex, call=call, **words)
