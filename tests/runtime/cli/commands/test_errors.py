import json

import pytest

from lictor.runtime.cli.main import main
from lictor.runtime.cli.quit import Exit
from lictor.runtime.definition.errors import read_pages


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["errors", *arguments])
    return int(end.value.code or 0)


def test_the_list_has_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ls") == Exit.DONE
    listed = capsys.readouterr().out
    assert all(f"  {code}  {page.title}\n" in listed for code, page in read_pages().items())
    assert run() == Exit.DONE
    assert capsys.readouterr().out == listed


def test_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("lookup", "l108") == Exit.DONE
    assert (
        capsys.readouterr().out
        == """\
L108: duplicate key

YAML readers keep the last of two equal keys and say nothing. Lictor refuses them and shows both.

For example:
    agents:
      a: {prompt: One.}
      a: {prompt: Two.}

Remove or rename one.
"""
    )


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("lookup", "L201", "-o", "json") == Exit.DONE
    assert json.loads(capsys.readouterr().out)["code"] == "L201"
    assert run("ls", "-o", "json") == Exit.DONE
    assert len(json.loads(capsys.readouterr().out)["items"]) == len(read_pages())


def test_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("lookup", "L999") == Exit.USAGE
    assert "there is no code L999" in capsys.readouterr().err
    assert run("ls", "-o", "xml") == Exit.USAGE
