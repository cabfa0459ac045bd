from pathlib import Path

from definition_folder import write

from lictor.runtime.definition.model_files import is_installed, objection, shelf


def test_files_are_found_by_name_and_by_beginning(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"models/Qwen-1b-q4_k_m.gguf": "GGUF", "models/qwen-7b.gguf": "", "models/readme.md": "", "more/x.gguf": ""},
    )
    found = shelf(tmp_path, tmp_path, {"LICTOR_MODELS": str(tmp_path / "more")})
    assert [path.name for path in found.find("qwen-1b")] == ["Qwen-1b-q4_k_m.gguf"]
    assert [path.name for path in found.find("QWEN-7B.gguf")] == ["qwen-7b.gguf"]
    assert [path.name for path in found.find("x")] == ["x.gguf"]
    assert len(found.find("qwen")) == 2
    assert found.find("readme") == []


def test_of_a_split_file_the_first_part_counts(tmp_path: Path) -> None:
    write(tmp_path, {"models/m-00001-of-00002.gguf": "", "models/m-00002-of-00002.gguf": ""})
    assert [path.name for path in shelf(tmp_path, tmp_path, {}).files()] == ["m-00001-of-00002.gguf"]


def test_objections(tmp_path: Path) -> None:
    write(tmp_path, {"a.gguf": "GGUF…", "b.gguf": "GG"})
    assert objection(tmp_path / "a.gguf") == ""
    assert objection(tmp_path / "b.gguf") == "it is not a GGUF file"
    assert objection(tmp_path / "c.gguf") == "there is no such file"
    assert "directory" in objection(tmp_path)
    assert objection(tmp_path / "a\0") in {"it is not a path", "there is no such file"}


def test_a_package_is_looked_for_without_importing_it() -> None:
    assert is_installed("yaml")
    assert not is_installed("no_such_package_here")
