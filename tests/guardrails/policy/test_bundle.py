"""A bundle is what lies in the folder, what the user adds, and a revision over both."""

from pathlib import Path

import pytest

from lictor.guardrails.policy.bundle import built_in_folder, load_bundle
from lictor.guardrails.policy.engine import PolicyError


def test_the_built_in_policies_without_their_tests() -> None:
    bundle = load_bundle({"x": 1})
    paths = [module.path for module in bundle.modules]
    assert "lictor/policies/main/route.rego" in paths
    assert not [path for path in paths if path.endswith("_test.rego")]
    assert bundle.data == {"lictor": {"team": {"x": 1}}}
    assert (built_in_folder() / ".manifest").is_file()


def test_an_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="nothing may pass"):
        load_bundle({}, folder=tmp_path)
    with pytest.raises(PolicyError, match="nothing may pass"):
        load_bundle({}, folder=tmp_path / "none")
    (tmp_path / "a_test.rego").write_text("package a")
    with pytest.raises(PolicyError, match="nothing may pass"):
        load_bundle({}, folder=tmp_path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    odd = tmp_path / "a.rego"
    odd.write_bytes(b"\xff")
    with pytest.raises(PolicyError, match=r"a\.rego: cannot be read"):
        load_bundle({}, [odd])
    odd.write_text("package lictor.user.a")
    with pytest.raises(PolicyError, match="given twice"):
        load_bundle({}, [odd, odd])
    with pytest.raises(PolicyError, match=r"b\.rego: cannot be read"):
        load_bundle({}, [tmp_path / "b.rego"])


def test_the_revision_covers_text_names_and_data(tmp_path: Path) -> None:
    one, two = tmp_path / "one.rego", tmp_path / "two.rego"
    one.write_text("package lictor.user.a")
    two.write_text("package lictor.user.a")
    bundles = [load_bundle({}), load_bundle({"a": 1}), load_bundle({}, [one]), load_bundle({}, [two])]
    revisions = {bundle.revision for bundle in bundles}
    one.write_text("package lictor.user.b")
    revisions.add(load_bundle({}, [one]).revision)
    assert len(revisions) == 5
    assert all(len(revision) == 12 for revision in revisions)
