from pathlib import Path

import pytest
from definition_folder import codes, load, plan_of

from lictor.protocols.names import is_name
from lictor.runtime.definition.models import unique
from lictor.runtime.definition.plan import Secret

GGUF = {"models/qwen-1b.gguf": "GGUF", "other/m.gguf": "GGUF"}


def test_the_default_is_a_local_file_before_the_built_in_one(tmp_path: Path) -> None:
    assert plan_of(tmp_path / "a", "agents: {a: {prompt: x}}", GGUF).models[0].name == "local/qwen-1b"
    assert plan_of(tmp_path / "b", "agents: {a: {prompt: x}}").models[0].name == "builtin/smollm2"
    (broken,) = plan_of(tmp_path / "c", "agents: {a: {prompt: x}}", {"models/a.gguf": "no"}).models
    assert broken.name == "builtin/smollm2"


def test_every_kind_of_entry(tmp_path: Path) -> None:
    text = """\
models:
  file: {gguf: other/m.gguf, context: 16k, gpu_layers: 7, threads: 2}
  short: local/qwen
  cloud: {openai: 'https://h/v1/', model: big, api_key: '${CLOUD_KEY}'}
  rules: {scripted: rules.yaml}
agents: {a: {prompt: x, model: file, fallback: [short, cloud, rules, default, builtin/smollm2, scripted/rules.yaml]}}
"""
    plan = plan_of(tmp_path, text, {**GGUF, "rules.yaml": ""}, CLOUD_KEY="k")
    models = {model.name: model for model in plan.models}
    assert list(models) == ["file", "local/qwen-1b", "cloud", "rules", "builtin/smollm2", "scripted/rules.yaml"]
    file, cloud, rules = models["file"], models["cloud"], models["rules"]
    assert (file.backend, file.context_tokens, file.gpu_layers, file.threads) == ("llama-cpp", 16_000, 7, 2)
    assert file.gguf == (tmp_path / "other/m.gguf").resolve()
    assert file.place.line == 2
    assert (cloud.backend, cloud.base_url, cloud.remote_model) == ("openai", "https://h/v1", "big")
    assert cloud.api_key == Secret("k")
    assert (rules.backend, rules.gguf) == ("scripted", (tmp_path / "rules.yaml").resolve())
    assert models["builtin/smollm2"].gguf is None
    assert plan.agents[0].models == tuple(model.principal for model in plan.models)
    assert len({model.principal for model in plan.models}) == 6
    assert all(is_name(model.principal) and model.principal.startswith("model-") for model in plan.models)


def test_two_names_for_one_model_are_one_model(tmp_path: Path) -> None:
    text = "models: {m: builtin/smollm2}\nagents: {a: {prompt: x, model: m, fallback: [builtin/smollm2, default]}}"
    plan = plan_of(tmp_path, text)
    assert [model.principal for model in plan.models] == ["model-builtin-smollm2"]
    assert plan.agents[0].models == ("model-builtin-smollm2",)


@pytest.mark.parametrize(
    ("model", "code", "hint"),
    [
        ("qwn", "L202", "did you mean 'qwen'?"),
        ("buitin/smollm2", "L202", "did you mean 'builtin/smollm2'?"),
        ("builtin/smollm", "L202", "did you mean 'smollm2'?"),
        ("builtin/", "L202", ""),
        ("local/qwen-2b", "L602", "did you mean 'qwen-1b'?"),
        ("local/q\\0", "L602", ""),
        ("scripted/no.yaml", "L203", ""),
    ],
)
def test_what_is_no_model_is_told_with_a_guess(tmp_path: Path, model: str, code: str, hint: str) -> None:
    text = f'models: {{qwen: local/qwen-1b}}\nagents:\n  a:\n    prompt: x\n    model: "{model}"\n'
    loaded = load(tmp_path, text, GGUF)
    assert codes(loaded) == [f"{code} 5:12"]
    assert hint in loaded.problems[0].hint


def test_a_name_that_fits_several_files_is_refused(tmp_path: Path) -> None:
    loaded = load(
        tmp_path, "agents: {a: {prompt: x, model: local/q}}", {"models/q-1.gguf": "GGUF", "models/q-2.gguf": "GGUF"}
    )
    assert codes(loaded) == ["L602 1:32"]
    assert loaded.problems[0].hint == "write one of local/q-1, local/q-2"


def test_a_broken_entry_is_one_error_however_often_it_is_used(tmp_path: Path) -> None:
    text = "models: {m: {gguf: no.gguf}}\nagents: {a: {prompt: x, model: m}, b: {prompt: x, model: m, fallback: [m]}}"
    assert codes(load(tmp_path, text)) == ["L602 1:20"]
    assert codes(load(tmp_path, text.replace("gguf:", "guf:"))) == ["L106 1:13"]


def test_an_unused_entry_is_checked_too(tmp_path: Path) -> None:
    text = "models: {m: {openai: nowhere, model: x}}\nagents: {a: {prompt: x}}"
    assert codes(load(tmp_path, text)) == ["L116 1:22"]


def test_principals_are_legal_and_apart() -> None:
    taken: list[str] = []
    for text in ("A/b.C", "a-b-c", "…", "", "x" * 200, "x" * 201, "9", "日本"):
        taken.append(unique("tool", text, taken))
    assert len(set(taken)) == len(taken)
    assert all(is_name(name) and name.startswith("tool-") for name in taken)
