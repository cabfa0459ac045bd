"""An export of the audit chain: JSON lines that prove themselves, bounded by two signed heads.

The first line says where it begins and ends; each line behind it is one entry. A line is exactly what `encode` makes of
it, so that not even its spaces can be changed.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from lictor.runtime.store.audit.chain import COLUMNS, LARGE, VERDICT_COLUMNS
from lictor.runtime.store.audit.head import Head
from lictor.runtime.store.audit.linked import Linked
from lictor.runtime.store.audit.verify import Report, Verifier

FORMAT: Final = "lictor-audit-1"
LONGEST_LINE: Final = 64 * 1024 * 1024
_BYTES: Final = frozenset({"body", "sealed", "arguments", "facts"})
_HEAD: Final = ("link", "chain", "at_ms", "key", "signature")
_HEADER: Final = ("format", "from", "to")
_LINE: Final = ("kind", "link", "row", "verdicts", "sha256", "chain")


class NotAnExport(ValueError):
    """Raised when a line is not what this module writes; the message says why."""


def write_export(start: Head | None, end: Head, entries: Iterable[Linked], *, bodies: bool = True) -> Iterator[bytes]:
    """Yield the lines of an export; without `bodies` the large values are left out, and their hashes stay."""
    yield _encode({"format": FORMAT, "from": show_head(start) if start else None, "to": show_head(end)})
    for entry in entries:
        withheld = () if bodies else LARGE[entry.kind]
        yield _encode(
            {
                "kind": entry.kind,
                "link": entry.link,
                "row": {name: None if name in withheld else _show(name, value) for name, value in entry.row.items()},
                "verdicts": [{name: _show(name, value) for name, value in each.items()} for each in entry.verdicts],
                "sha256": {name: value.hex() for name, value in entry.hashes.items()},
                "chain": entry.chain.hex(),
            }
        )


def verify_export(lines: Iterable[bytes], keys: Iterable[bytes] = (), anchors: Iterable[Head] = ()) -> Report:
    """Verify an export, line by line; whatever is wrong is in the report.

    `keys` are the public keys that may have signed it. `anchors` are heads that were kept elsewhere: those between the
    export's first and last link must lie on the chain.
    """
    numbered = enumerate(lines, 1)
    try:
        start, end = read_header(next(numbered, (0, b""))[1])
    except NotAnExport as error:
        verifier = Verifier(None, ())
        verifier.complain(0, f"line 1: {error}")
        return verifier.report()
    verifier = Verifier(start, [end], keys)
    within = {anchor.link: anchor for anchor in anchors}
    check_anchors(verifier, within.values(), start, end.link)
    for number, line in numbered:
        try:
            entry = read_entry(line)
        except NotAnExport as error:
            verifier.complain(0, f"line {number}: {error}")
            continue
        verifier.take(entry)
        anchor = within.get(entry.link)
        if anchor is not None and anchor.chain != entry.chain:
            verifier.complain(entry.link, "the head that was kept elsewhere says otherwise")
    return verifier.report()


def check_anchors(verifier: Verifier, anchors: Iterable[Head], start: Head | None, last: int) -> None:
    """Check heads that were kept elsewhere: their signatures, and that the chain reaches them."""
    for anchor in anchors:
        if not anchor.holds():
            verifier.complain(anchor.link, f"the head of {anchor.link} that was kept elsewhere is not signed")
        elif anchor.link > last:
            verifier.complain(last, f"entries {last + 1} to {anchor.link} are missing: a head kept elsewhere has them")
        elif start is not None and anchor.link == start.link and anchor.chain != start.chain:
            verifier.complain(anchor.link, "the head that was kept elsewhere says otherwise")


def show_head(head: Head) -> dict[str, Any]:
    """Return a head as JSON holds it."""
    return {name: _show_plain(getattr(head, name)) for name in _HEAD}


def read_head(told: object) -> Head:
    """Read a head from JSON; raises NotAnExport."""
    if not isinstance(told, dict) or tuple(told) != _HEAD:
        raise NotAnExport(f"a head has the fields {', '.join(_HEAD)}")
    link, at_ms = told["link"], told["at_ms"]
    if type(link) is not int or type(at_ms) is not int or link < 0:
        raise NotAnExport("a head's link and time are whole numbers")
    return Head(link, _read_hex(told["chain"]), at_ms, _read_hex(told["key"]), _read_hex(told["signature"]))


def read_header(line: bytes) -> tuple[Head | None, Head]:
    """Read an export's first line; raises NotAnExport."""
    told = _decode(line, _HEADER)
    if told["format"] != FORMAT:
        raise NotAnExport(f"it is no {FORMAT}")
    return (None if told["from"] is None else read_head(told["from"])), read_head(told["to"])


def read_entry(line: bytes) -> Linked:
    """Read one entry; raises NotAnExport."""
    told = _decode(line, _LINE)
    kind, row, verdicts, hashes = told["kind"], told["row"], told["verdicts"], told["sha256"]
    if not isinstance(kind, str) or kind not in COLUMNS or type(told["link"]) is not int:
        raise NotAnExport("it is no entry")
    _require_fields(row, COLUMNS[kind])
    _require_fields(hashes, LARGE[kind])
    if not isinstance(verdicts, list):
        raise NotAnExport("it has no list of verdicts")
    for each in verdicts:
        _require_fields(each, VERDICT_COLUMNS)
    withheld = LARGE[kind]
    return Linked(
        kind,
        told["link"],
        {name: _read(name, value, optional=name in withheld) for name, value in row.items()},
        tuple([{name: _read(name, value) for name, value in each.items()} for each in verdicts]),
        {name: _read_hex(value) for name, value in hashes.items()},
        _read_hex(told["chain"]),
    )


def _encode(document: dict[str, Any]) -> bytes:
    return msgspec.json.encode(document) + b"\n"


def _decode(line: bytes, names: tuple[str, ...]) -> dict[str, Any]:
    if not line.endswith(b"\n"):
        raise NotAnExport("it is cut off" if line else "there is nothing in it")
    try:
        told = msgspec.json.decode(line)
        same = msgspec.json.encode(told) + b"\n" == line
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError, OverflowError) as error:
        raise NotAnExport(f"it is no JSON: {error}") from None
    if not same:
        raise NotAnExport("it is not written as an export is")
    _require_fields(told, names)
    return dict(told)


def _require_fields(told: object, names: tuple[str, ...]) -> None:
    if not isinstance(told, dict) or tuple(told) != names:
        raise NotAnExport(f"it has other fields than {', '.join(names)}")


def _show(name: str, value: Any) -> Any:  # noqa: ANN401 -- a value of a row
    return base64.b64encode(value).decode() if name in _BYTES else value


def _read(name: str, value: Any, *, optional: bool = False) -> Any:  # noqa: ANN401 -- a value of a row
    if name not in _BYTES or (optional and value is None):
        return value
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise NotAnExport(f"its {name} is no base64") from None
    if base64.b64encode(raw).decode() != value:
        raise NotAnExport(f"its {name} is no base64 as an export has it")
    return raw


def _show_plain(value: int | bytes) -> int | str:
    return value.hex() if isinstance(value, bytes) else value


def _read_hex(value: object) -> bytes:
    try:
        raw = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        raw = b""
    if not raw or raw.hex() != value:
        raise NotAnExport(f"{value!r:.80} is no hash, key or signature")
    return raw
