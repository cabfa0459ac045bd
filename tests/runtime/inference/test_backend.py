"""A stream and the whole answer are the same answer."""

from collections.abc import AsyncGenerator

from lictor.runtime.inference.backend import Delta, ToolCall, Usage, gather


async def parts(*deltas: Delta) -> AsyncGenerator[Delta, None]:
    for delta in deltas:
        yield delta


async def test_text_is_joined_and_the_last_part_tells_the_end() -> None:
    whole = await gather(parts(Delta("a"), Delta("b"), Delta("c", (), "length", Usage(2, 3))))
    assert (whole.text, whole.calls, whole.finish, whole.usage) == ("abc", (), "length", Usage(2, 3))


async def test_parts_of_a_call_are_joined_by_their_index() -> None:
    whole = await gather(
        parts(
            Delta(calls=(ToolCall("1", "f", '{"a"'),)),
            Delta(calls=(ToolCall("2", "g", "{}", 1), ToolCall("", "", ": 1}"))),
            Delta(finish="tool_calls"),
        )
    )
    assert whole.calls == (ToolCall("1", "f", '{"a": 1}'), ToolCall("2", "g", "{}", 1))
