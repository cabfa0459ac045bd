import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from repository import FOLDERS, ROOT, files


@pytest.mark.slow
def test_the_wheel_holds_the_folders_and_no_links(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {entry.filename: entry for entry in archive.infolist()}
    links = [name for name, entry in held.items() if (entry.external_attr >> 16) & 0o170000 == 0o120000]
    assert not links
    code = {name for name in held if ".dist-info/" not in name}
    expected = {f"lictor/{name}" for name in ("__init__.py", "__main__.py", "py.typed")}
    expected |= {f"lictor/{name.as_posix()}" for name in files() if name.parts[0] in FOLDERS}
    assert code == expected
    assert {name.split("/")[1] for name in code if name.count("/") > 1} == set(FOLDERS)
