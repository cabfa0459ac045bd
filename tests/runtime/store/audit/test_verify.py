from pathlib import Path

from audited_record import KEY, OTHER_KEY, audited_store

from lictor.runtime.store.audit.head import Head
from lictor.runtime.store.audit.linked import Linked
from lictor.runtime.store.audit.trail import Trail
from lictor.runtime.store.audit.verify import Report, Verifier


def read(path: Path) -> tuple[list[Linked], list[Head]]:
    with audited_store(f"sqlite:///{path}/r.db") as store, store.engines[1].connect() as connection:
        return list(Trail(connection).read()), Trail(connection).heads()


def check(entries: list[Linked], heads: list[Head], *keys: bytes, start: Head | None = None) -> Report:
    verifier = Verifier(start, heads, keys)
    for entry in entries:
        verifier.take(entry)
    return verifier.report()


def test_the_chain_is_followed_from_head_to_head(tmp_path: Path) -> None:
    entries, heads = read(tmp_path)
    whole = check(entries, heads, KEY.public)
    assert whole.ok
    assert (whole.messages, whole.approvals, whole.first, whole.last) == (18, 4, 1, 22)
    assert whole.keys == (KEY.public,)
    part = check(entries[heads[2].link :], heads[3:], start=heads[2])
    assert part.ok
    assert part.first == heads[2].link + 1


def test_what_is_missing_swapped_or_unsigned_is_named(tmp_path: Path) -> None:
    entries, heads = read(tmp_path)
    assert "gap before it: 9 to 9" in check([*entries[:8], *entries[9:]], heads).problems[0].what
    assert not check([*entries[:5], entries[6], entries[5], *entries[7:]], heads).ok
    cut = check(entries[:-1], heads)
    assert cut.problems[-1].what == "entries 22 to 22 are missing: a signed head covers them"
    unsigned = check(entries, heads[:-1])
    assert unsigned.problems[-1].what == "no signed head covers the entries 21 to 22"
    assert not check([], heads).ok
    assert check([], []).ok


def test_a_signature_of_somebody_else_is_named(tmp_path: Path) -> None:
    entries, heads = read(tmp_path)
    last = heads[-1]
    foreign = OTHER_KEY.sign(last.link, last.chain, 1.0)
    report = check(entries, [*heads[:-1], foreign], KEY.public)
    assert [problem.what for problem in report.problems] == [
        f"the head of 22 is signed by another key: {OTHER_KEY.public.hex()}"
    ]
    assert set(check(entries, [*heads[:-1], foreign]).keys) == {KEY.public, OTHER_KEY.public}
