from pathlib import Path

import pytest
from definition_folder import codes, load, plan_of, write

from lictor.runtime.definition.load import load_plan
from lictor.runtime.definition.team import glob_files, read_team


def test_files_are_one_team_in_their_order(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        "include: [parts/*.yaml, last.yaml]\nagents: {first: {prompt: x, delegates: [b, a]}}\n",
        {
            "parts/2.yaml": "agents: {b: {prompt: x, model: m}}",
            "parts/1.yaml": "agents: {a: {prompt: x}}\nmodels: {m: builtin/smollm2}",
            "last.yaml": "agents: {z: {prompt: x}}",
        },
    )
    assert [agent.name for agent in plan.agents] == ["first", "a", "b", "z"]
    assert [agent.place.file for agent in plan.agents] == ["team.yaml", "parts/1.yaml", "parts/2.yaml", "last.yaml"]


def test_paths_and_defaults_belong_to_the_file_that_has_them(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        "include: [in/b.yaml]\ndefaults: {timeout: 5s, budget: {tokens: 7}}\n"
        "agents: {a: {prompt: x, budget: {depth: 2}}}",
        {
            "in/b.yaml": "agents: {b: {prompt_file: p.md, tools: [{rag: docs}]}}",
            "in/p.md": "Hello.",
            "in/docs/a.md": "# A",
        },
    )
    a, b = plan.agents
    assert (a.timeout, a.budget.tokens, a.budget.depth) == (5.0, 7, 2)
    assert (b.timeout, b.budget.tokens, b.prompt) == (120.0, 100_000, "Hello.")
    assert plan.tools[0].source == (tmp_path / "in/docs").resolve()
    assert b.folder == tmp_path / "in"


def test_a_file_is_read_once_however_often_it_is_named(tmp_path: Path) -> None:
    files = {"b.yaml": "include: [team.yaml, b.yaml, 'b.*']\nagents: {b: {prompt: x}}"}
    plan = plan_of(tmp_path, "include: [b.yaml, ./b.yaml]\nagents: {a: {prompt: x}}", files)
    assert [agent.name for agent in plan.agents] == ["a", "b"]


@pytest.mark.parametrize(
    "pattern", ["../x.yaml", "../*.yaml", "/etc/*", "/etc/passwd", "/**/*", "ftp://x/y", "link.yaml"]
)
def test_an_include_never_leaves_the_root_folder(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, {"x.yaml": "agents: {x: {prompt: x}}"})
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link.yaml").symlink_to(tmp_path / "x.yaml")
    loaded = load(tmp_path / "root", f"include: ['{pattern}']\nagents: {{a: {{prompt: x}}}}")
    assert codes(loaded) == ["L207 1:11"]


def test_includes_go_five_files_deep(tmp_path: Path) -> None:
    files = {f"{n}.yaml": f"include: [{n + 1}.yaml]\nagents: {{a{n}: {{prompt: x}}}}" for n in range(1, 7)}
    loaded = load(tmp_path, "include: [1.yaml]\nagents: {a: {prompt: x}}", files)
    assert [(problem.code, problem.span.file) for problem in loaded.problems] == [("L207", "5.yaml")]


def test_what_holds_for_the_team_stands_once(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        "include: [b.yaml]\nguards: {rate: 1/1s}\nagents: {a: {prompt: x}}",
        {"b.yaml": "guards: {rate: 2/1s}\nruntime: {nats: embedded}"},
    )
    assert [(problem.code, problem.span.file, problem.related[0][0].file) for problem in loaded.problems] == [
        ("L205", "b.yaml", "team.yaml")
    ]


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    loaded = load(tmp_path, "include: [no.yaml]\nagents: {a: {prompt: x}}")
    assert [(problem.code, problem.is_error) for problem in loaded.problems] == [("L209", True)]


def test_the_environment_wins_over_dotenv(tmp_path: Path) -> None:
    text = "agents: {a: {prompt: x, description: '${A} ${B}'}}"
    plan = plan_of(tmp_path, text, {".env": "A=file\nB=file\n"}, A="process")
    assert plan.agents[0].description == "process file"


def test_names_are_shown_as_they_were_given(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"d/team.yaml": "include: [x/b.yaml]\nagents: {a: {prompt: 1}}", "d/x/b.yaml": "agents: {b: {prompt: 1}}"},
    )
    for given, shown in (("d/team.yaml", "d/x/b.yaml"), (f"{tmp_path}/d/team.yaml", f"{tmp_path}/d/x/b.yaml")):
        loaded = load_plan(Path(given), environ={}, cwd=tmp_path)
        assert [problem.span.file for problem in loaded.problems] == [given, shown]


def test_reading_never_raises(tmp_path: Path) -> None:
    team = read_team(tmp_path / "nothing.yaml", "nothing.yaml", {})
    assert [problem.code for problem in team.problems] == ["L114"]
    assert team.files == []


def test_globs(tmp_path: Path) -> None:
    write(tmp_path, {"a/1.x": "", "a/2.x": "", "b/3.x": ""})
    assert [path.name for path in glob_files(tmp_path, "*/*.x")] == ["1.x", "2.x", "3.x"]
    assert [path.name for path in glob_files(tmp_path / "a", "../b/*.x")] == ["3.x"]
    assert glob_files(tmp_path, "a") == []
    assert glob_files(tmp_path, "[") == []
    assert glob_files(tmp_path, "a\0*") == []
