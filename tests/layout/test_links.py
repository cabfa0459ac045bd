import pytest
from repository import FOLDERS, ROOT, files

ADVICE = (
    "src/lictor/ holds a link to each of the folders at the root, which makes them importable as lictor.*. "
    "Check the repository out where links are allowed (on Windows: developer mode and `git config core.symlinks true`, "
    "then `git checkout -- src/lictor`), or work with the built wheel, which has no links."
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_is_linked(folder: str) -> None:
    link = ROOT / "src" / "lictor" / folder
    assert link.is_symlink(), f"{link} is no link. {ADVICE}"
    assert str(link.readlink()) == f"../../{folder}", f"{link} points to {link.readlink()}. {ADVICE}"
    assert link.is_dir(), f"{link} points nowhere: the folder {folder}/ is missing"


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_folders_themselves_are_no_packages(folder: str) -> None:
    assert not (ROOT / folder / "__init__.py").exists(), f"{folder}/__init__.py would shadow a package {folder!r}"


def test_policies_hold_no_python() -> None:
    assert not [name for name in files() if name.parts[0] == "policies" and name.suffix == ".py"]


def test_tests_are_no_packages() -> None:
    assert not [name for name in files() if name.parts[0] == "tests" and name.name == "__init__.py"]
