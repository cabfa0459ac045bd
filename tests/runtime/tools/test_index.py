import logging
from pathlib import Path

import pytest

from lictor.runtime.tools.index import LARGEST_FILE, SYNONYMS, PassageIndex


def write(folder: Path, **pages: str) -> PassageIndex:
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text)
    index = PassageIndex(folder, folder)
    index.refresh()
    return index


def found(index: PassageIndex, question: str) -> list[str]:
    return [hit.passage.heading for hit in index.search(question, 10)]


def test_forms_of_a_word_meet(tmp_path: Path) -> None:
    index = write(tmp_path, a="# Returns\n\nReturning parcels.\n", b="# Hours\n\nOpen daily.\n")
    assert found(index, "return a parcel") == ["Returns"]


def test_a_word_in_the_heading_counts_more_than_one_in_the_text(tmp_path: Path) -> None:
    index = write(
        tmp_path,
        a="# A\n\n## Colours\n\nThe parrot is green and likes seed.\n",
        b="# B\n\n## Parrot\n\nThe animal is green and likes seed.\n",
        c="# C\n\n## Other\n\nNothing of it.\n",
        d="# D\n\n## More\n\nNothing of that.\n",
    )
    assert found(index, "parrot")[0] == "B > Parrot"


def test_accents_and_case_do_not_matter(tmp_path: Path) -> None:
    assert found(write(tmp_path, a="# A\n\nÄrger mit dem Café.\n"), "arger CAFE") == ["A"]


def test_synonyms_of_the_folder_are_found_and_read_again(tmp_path: Path) -> None:
    index = write(tmp_path, a="# Warranty\n\nThree years.\n", b="# Power\n\nTwelve watts.\n")
    assert found(index, "guarantee") == []
    (tmp_path / SYNONYMS).write_text("# equals\nguarantee, warranty # both\nlight bulb, lamp\n")
    index.refresh()
    assert found(index, "guarantees") == ["Warranty"]
    assert found(index, "equals") == []
    (tmp_path / SYNONYMS).unlink()
    index.refresh()
    assert found(index, "guarantee") == []


def test_a_quote_holds_the_nearest_sentences(tmp_path: Path) -> None:
    text = "# A\n\nIt is blue. It is loud. The warranty lasts 3 years. It is heavy. It is tall.\n"
    (hit,) = write(tmp_path, a=text).search("How long is the warranty?", 1)
    assert "The warranty lasts 3 years." in hit.quote
    assert len(hit.quote) < len(hit.passage.text)


def test_names_are_relative_to_the_root(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "more"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text("# A\n\nparrot\n")
    index = PassageIndex(tmp_path / "docs", tmp_path)
    index.refresh()
    assert index.search("parrot", 1)[0].passage.file == "docs/more/a.md"


def test_what_is_not_text_is_left_out_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "binary.md").write_bytes(b"parrot \xff\xfe\x00")
    (tmp_path / "zero.md").write_bytes(b"parrot \x00 parrot")
    (tmp_path / "huge.md").write_bytes(b"parrot " * (LARGEST_FILE // 7 + 1))
    (tmp_path / "picture.png").write_bytes(b"parrot")
    (tmp_path / ".hidden.md").write_text("parrot")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.md").write_text("parrot")
    (tmp_path / "link.md").symlink_to("/etc/hostname")
    with caplog.at_level(logging.WARNING):
        index = write(tmp_path, good="# Good\n\nThe parrot.\n")
    assert found(index, "parrot") == ["Good"]
    for name in ("binary.md", "zero.md", "huge.md"):
        assert name in caplog.text
    caplog.clear()
    index.refresh()
    assert caplog.text == ""


def test_a_file_with_a_byte_order_mark_has_its_heading(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf# A\n\nparrot\n")
    assert found(write(tmp_path), "parrot") == ["A"]
