"""Whatever is done to an export, its verification finds it."""

import json
from pathlib import Path

import pytest
from audited_record import KEY, OTHER_KEY, audited_store, export_of
from hypothesis import given, settings
from hypothesis import strategies as st
from record_entries import AT

from lictor.runtime.store.audit.auditor import Auditor
from lictor.runtime.store.audit.export import (
    NotAnExport,
    read_entry,
    read_head,
    read_header,
    show_head,
    verify_export,
    write_export,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    with audited_store(f"sqlite:///{tmp_path_factory.mktemp('export')}/r.db") as store:
        return export_of(store)


def test_an_export_verifies_with_nothing_but_itself(lines: list[bytes]) -> None:
    report = verify_export(lines, [KEY.public])
    assert report.ok
    assert (report.messages, report.approvals) == (18, 4)
    assert report.keys == (KEY.public,)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_byte_that_is_changed_is_found(lines: list[bytes], data: st.DataObject) -> None:
    raw = bytearray(b"".join(lines))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[place]))
    assert not verify_export(bytes(raw).splitlines(keepends=True), [KEY.public]).ok


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_bytes_that_are_cut_out_or_put_in_are_found(lines: list[bytes], data: st.DataObject) -> None:
    raw = b"".join(lines)
    place = data.draw(st.integers(0, len(raw)))
    length = data.draw(st.integers(0, len(raw) - place))
    put = data.draw(st.binary(min_size=0 if length else 1, max_size=40))
    changed = raw[:place] + put + raw[place + length :]
    assert changed == raw or not verify_export(changed.splitlines(keepends=True)).ok


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_rows_that_are_dropped_doubled_or_swapped_are_found(lines: list[bytes], data: st.DataObject) -> None:
    places = st.integers(0, len(lines) - 1)
    changed = list(lines)
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = data.draw(places), data.draw(places)
        match data.draw(st.sampled_from(["drop", "double", "swap", "cut"])):
            case "drop" if one < len(changed):
                del changed[one]
            case "double":
                changed.insert(other, lines[one])
            case "swap" if max(one, other) < len(changed):
                changed[one], changed[other] = changed[other], changed[one]
            case "cut":
                changed = changed[:one]
    assert changed == lines or not verify_export(changed).ok


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_value_that_is_written_anew_is_found(lines: list[bytes], data: st.DataObject) -> None:
    """Change one value to another of its kind and write the line as an export has it: only the hashes tell."""
    place = data.draw(st.integers(1, len(lines) - 1))
    told = json.loads(lines[place])
    part = data.draw(st.sampled_from([told["row"], *told["verdicts"], told["sha256"], told]))
    name = data.draw(st.sampled_from([name for name, value in part.items() if isinstance(value, str | int | float)]))
    old = part[name]
    kinds = {str: st.text(max_size=30), bool: st.booleans(), int: st.integers(0, 2**70), float: st.floats()}
    part[name] = data.draw(kinds[type(old)].filter(lambda new: new != old))
    changed = [*lines]
    changed[place] = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    assert not verify_export(changed).ok


def test_a_range_is_bounded_by_heads_and_cannot_be_narrowed(tmp_path: Path) -> None:
    with audited_store(f"sqlite:///{tmp_path}/r.db") as store:
        part = export_of(store, since=AT + 2.5, until=AT + 5)
        start, end = read_header(part[0])
        assert start is not None
        assert (start.link, end.link, len(part)) == (7, 14, 8)
        assert verify_export(part).ok
        for narrowed in (part[:-1], [part[0], *part[2:]], part[:1]):
            assert not verify_export(narrowed).ok
        begun = json.loads(part[0]) | {"from": None}
        assert not verify_export([json.dumps(begun, separators=(",", ":")).encode() + b"\n", *part[1:]]).ok


def test_bodies_may_be_withheld(tmp_path: Path) -> None:
    with audited_store(f"sqlite:///{tmp_path}/r.db") as store:
        bare = list(Auditor(store.engines[1]).export(bodies=False))
        assert verify_export(bare, [KEY.public]).ok
        assert read_entry(bare[1]).row["body"] is None
        whole = export_of(store)
        assert verify_export([bare[0], bare[1], *whole[2:]]).ok


def test_a_foreign_signature_is_found_by_the_key(lines: list[bytes]) -> None:
    entries = [read_entry(line) for line in lines[1:]]
    _, end = read_header(lines[0])
    forged = list(write_export(None, OTHER_KEY.sign(end.link, end.chain, 1.0), entries))
    assert not verify_export(forged, [KEY.public]).ok
    assert verify_export(forged).keys == (OTHER_KEY.public,)


def test_a_head_that_was_kept_elsewhere_finds_a_chain_that_was_made_anew(tmp_path: Path, lines: list[bytes]) -> None:
    _, kept = read_header(lines[0])
    with audited_store(f"sqlite:///{tmp_path}/r.db") as store:
        other = export_of(store)  # the same batches with other ids, signed with the same key
    assert verify_export(other).ok
    assert not verify_export(other, anchors=[kept]).ok
    assert verify_export(lines, anchors=[kept]).ok
    short = list(write_export(None, KEY.sign(2, read_entry(lines[2]).chain, 1.0), map(read_entry, lines[1:3])))
    assert verify_export(short).ok
    assert "kept elsewhere has them" in verify_export(short, anchors=[kept]).problems[0].what
    assert not verify_export(lines, anchors=[OTHER_KEY.sign(1, b"", 1.0)]).ok


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"{}\n", b"[]\n", b"\xff\n", b"[" * 100_000 + b"\n", b'{"a":1e999}\n', b"1" * 5000 + b"\n"],
)
def test_what_is_no_export_is_said_and_raises_nothing_else(line: bytes, lines: list[bytes]) -> None:
    for read in (read_entry, read_header):
        with pytest.raises(NotAnExport):
            read(line)
    assert not verify_export([line]).ok
    assert not verify_export([*lines[:3], line, *lines[3:]]).ok


def test_a_head_as_json_is_read_strictly() -> None:
    head = KEY.sign(3, b"c" * 32, 1.0)
    assert read_head(show_head(head)) == head
    for wrong in ({"link": True}, {"link": -1}, {"chain": "zz"}, {"chain": "AB"}, {"more": 1}, {"key": None}):
        with pytest.raises(NotAnExport):
            read_head(show_head(head) | wrong)
    with pytest.raises(NotAnExport):
        read_head([])
