"""Text comes out in whole characters and ends before a stop text, however it was cut into pieces."""

from hypothesis import given
from hypothesis import strategies as st

from lictor.runtime.inference.output_text import OutputText


def said(pieces: list[bytes], *stops: str) -> tuple[str, bool]:
    text = OutputText(stops)
    out = ""
    for piece in pieces:
        out += text.push(piece)
        if text.stopped:
            break
    return out + text.finish(), text.stopped


def test_a_character_cut_in_two_comes_out_once() -> None:
    euro = "€".encode()
    text = OutputText(())
    assert [text.push(euro[:1]), text.push(euro[1:2]), text.push(euro[2:])] == ["", "", "€"]


def test_what_may_become_a_stop_is_held_back() -> None:
    text = OutputText(("END",))
    assert [text.push(b"a E"), text.push(b"N"), text.push(b"x")] == ["a ", "", "ENx"]
    assert not text.stopped


def test_the_earliest_stop_counts() -> None:
    assert said([b"one two three"], "three", "two") == ("one ", True)


def test_what_was_held_comes_at_the_end() -> None:
    assert said([b"a EN"], "END") == ("a EN", False)


def test_half_a_character_at_the_end_is_marked() -> None:
    assert said([b"a\xe2\x82"]) == ("a\ufffd", False)


@given(
    st.text(alphabet="abE€", max_size=30),
    st.lists(st.text(alphabet="abE", min_size=1, max_size=3), max_size=3),
    st.data(),
)
def test_pieces_make_no_difference(whole: str, stops: list[str], data: st.DataObject) -> None:
    raw = whole.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    first = min((whole.find(stop) for stop in stops if stop in whole), default=-1)
    shown, stopped = said(pieces, *stops)
    assert stopped == (first >= 0)
    if stopped:
        # a longer stop that begins earlier may still be open when a shorter one is complete
        assert whole.startswith(shown)
        assert not any(stop in shown for stop in stops)
    else:
        assert shown == whole
