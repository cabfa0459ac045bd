"""The scripted backend answers by its rules and by nothing else."""

import asyncio
from pathlib import Path

import pytest
from model_requests import chat, held, script_plan

from lictor.runtime.inference.backend import Usage
from lictor.runtime.inference.backends.scripted import ScriptedBackend
from lictor.runtime.inference.errors import BackendFailed, ModelUnreadable, NoRule

RULES = r"""
name: desk
rules:
  - {prefix: "Where", answer: "In the cellar."}
  - {regex: "how many (\\w+)", answer: "Five \\1."}
  - {system: "triage", after: user, call: {name: search, arguments: {q: x}}}
  - {system: "triage", after: tool, answer: "found it"}
  - {prefix: "bad", fail: "out of memory"}
  - {prefix: "slow", hold: gate, answer: "at last"}
"""
TRIAGE = [{"role": "system", "content": "You are triage"}, {"role": "user", "content": "find"}]


async def opened(folder: Path, rules: str = RULES) -> ScriptedBackend:
    file = script_plan(folder, rules).gguf
    assert file is not None
    backend = ScriptedBackend(file)
    await backend.open()
    return backend


async def test_the_first_rule_that_matches_answers(tmp_path: Path) -> None:
    backend = await opened(tmp_path)
    assert backend.model == "scripted/desk"
    answer = await backend.complete(chat("Where is it, and how many beds?"))
    assert (answer.text, answer.finish, answer.usage) == ("In the cellar.", "stop", Usage(7, 3))
    assert (await backend.complete(chat("Say how many beds"))).text == "Five beds."


async def test_parts_are_words_and_a_limit_counts_them(tmp_path: Path) -> None:
    backend = await opened(tmp_path)
    parts = [part async for part in backend.stream(chat("Where?", max_tokens=2))]
    assert [part.text for part in parts] == ["In ", "the ", ""]
    assert (parts[-1].finish, parts[-1].usage) == ("length", Usage(1, 2))


async def test_a_call_and_what_follows_it(tmp_path: Path) -> None:
    backend = await opened(tmp_path)
    answer = await backend.complete(chat(messages=TRIAGE))
    assert (answer.calls[0].name, answer.calls[0].arguments, answer.finish) == ("search", '{"q": "x"}', "tool_calls")
    result = {"role": "tool", "tool_call_id": "1", "content": "x"}
    assert (await backend.complete(chat(messages=[*TRIAGE, result]))).text == "found it"


async def test_failures_are_said(tmp_path: Path) -> None:
    backend = await opened(tmp_path)
    with pytest.raises(BackendFailed, match="out of memory"):
        await backend.complete(chat("bad luck"))
    with pytest.raises(NoRule, match="'unheard of'"):
        await backend.complete(chat("unheard of"))


async def test_a_held_answer_waits_for_its_release(tmp_path: Path) -> None:
    backend = await opened(tmp_path)
    answer = asyncio.create_task(backend.complete(chat("slow")))
    await held(tmp_path, "gate")
    assert not answer.done()
    (tmp_path / "gate.release").touch()
    assert (await answer).text == "at last"


async def test_closing_ends_a_held_answer(tmp_path: Path) -> None:
    backend = await opened(tmp_path)
    answer = asyncio.create_task(backend.complete(chat("slow")))
    await held(tmp_path, "gate")
    await backend.close()
    await backend.wait()
    with pytest.raises(BackendFailed, match="stopped"):
        await answer


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("rules: 3", "list of `rules`"),
        ("[", "not YAML"),
        ("rules: [{answr: x}]", "rule 1 may have"),
        ("rules: [{answer: x}, {prefix: y}]", "rule 2 has neither"),
        ("rules: [{call: {arguments: {}}}]", "rule 1: `call`"),
        ("rules: [{regex: '(', answer: x}]", "rule 1: `regex`"),
    ],
)
async def test_a_wrong_script_is_refused(tmp_path: Path, rules: str, reason: str) -> None:
    with pytest.raises(ModelUnreadable, match=reason):
        await opened(tmp_path, rules)


async def test_a_missing_script_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreadable, match="no such file"):
        await ScriptedBackend(tmp_path / "none.yaml").open()
