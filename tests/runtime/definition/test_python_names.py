from pathlib import Path

import pytest

from lictor.runtime.definition.python_names import NotPython, defined_names, split_reference


def test_names_are_found_without_running_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text(
        "import a.b\nfrom c import d as e\nf: int = 1\ng, h = 1, 2\ndef i(): ...\nclass J: ...\nraise SystemExit\n"
    )
    names, star = defined_names(path)
    assert names >= {"a", "e", "f", "g", "h", "i", "J"}
    assert not star
    path.write_text("from x import *\n")
    assert defined_names(path) == (frozenset({"*"}), True)


@pytest.mark.parametrize("content", [b"def (", b"\xff\xfe", b"x = '\0'", b"(" * 2000])
def test_what_is_not_python_says_why(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.py").write_bytes(content)
    with pytest.raises(NotPython, match=r"\w"):
        defined_names(tmp_path / "x.py")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotPython, match="No such file"):
        defined_names(tmp_path / "x.py")


def test_references() -> None:
    assert split_reference("a/b.py:c") == ("a/b.py", "c")
    for text in ("a/b.py", "a/b.py:", "b:c", "b.py:c d", "", ":", "b.py:1"):
        assert split_reference(text) == ("", "")
