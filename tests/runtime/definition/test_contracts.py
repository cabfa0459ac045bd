from pathlib import Path

from definition_folder import codes, load, rendered

BROKEN = "contract: 1\ntools:\n  send:\n    tmes: 1\n"


def test_a_file_is_shown_where_it_is_wrong(tmp_path: Path) -> None:
    loaded = load(tmp_path, "agents: {a: {prompt: x, contract: c.yaml}}", {"c.yaml": BROKEN})
    assert [(item.code, item.span.file, item.span.line) for item in loaded.problems] == [("L403", "c.yaml", 4)]
    assert "tmes: 1" in rendered(loaded)
    assert "did you mean 'times'?" in rendered(loaded)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_bytes(b"\xff\xfe")
    assert codes(load(tmp_path, "agents: {a: {prompt: x, contract: c.yaml}}")) == ["L403 1:35"]


def test_an_inline_one_is_shown_where_it_is_wrong(tmp_path: Path) -> None:
    inside = "".join(f"      {line}\n" for line in BROKEN.splitlines())
    loaded = load(tmp_path, f"agents:\n  a:\n    prompt: x\n    contract:\n{inside}")
    assert codes(loaded) == ["L403 8:11"]


def test_in_flow_style_it_is_shown_at_its_key(tmp_path: Path) -> None:
    loaded = load(tmp_path, "agents:\n  a: {prompt: x, contract: {contract: 1, tools: {send: {tmes: 1}}}}")
    assert codes(loaded) == ["L403 2:18"]


def test_odd_ones_do_no_harm(tmp_path: Path) -> None:
    for contract in ("{}", "{contract: 2, tools: {}}", "{contract: 1, tools: []}", "{contract: 1, tools: {a: 3}}"):
        found = codes(load(tmp_path, f"agents: {{a: {{prompt: x, contract: {contract}}}}}"))
        assert {code[:4] for code in found} == {"L403"}
    assert codes(load(tmp_path, "agents: {a: {prompt: x, contract: [a]}}")) == ["L104 1:35"]
