from lictor.guardrails.content.memo import LARGEST, Memo


def test_keeps_until_two_generations_are_full() -> None:
    memo: Memo[int] = Memo(most=2)
    for number in range(4):
        memo.keep(b"%d" % number, number)
    assert [memo.find(b"%d" % number) for number in range(4)] == [0, 1, 2, 3]
    memo.keep(b"4", 4)
    assert memo.find(b"0") is None
    assert memo.find(b"4") == 4


def test_large_keys_are_not_kept_and_bytes_are_bounded() -> None:
    memo: Memo[int] = Memo(most_bytes=100)
    memo.keep(b"x" * (LARGEST + 1), 1)
    assert memo.find(b"x" * (LARGEST + 1)) is None
    for number in range(10):
        memo.keep(b"%050d" % number, number)
    assert memo.find(b"%050d" % 0) is None
    assert memo.find(b"%050d" % 9) == 9
