"""Quotes open and close a text, but for those behind a backslash."""

import pytest

from lictor.runtime.inference.json_place import JsonPlace


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("", False),
        ('{"a', True),
        ('{"a"', False),
        (r'"a\"', True),
        (r'"a\\"', False),
        (r'"a\\\"', True),
        ('{"a": "b"}', False),
    ],
)
def test_where_a_text_stands(text: str, *, inside: bool) -> None:
    place = JsonPlace()
    for byte in text.encode():
        place.push(bytes([byte]))
    assert place.in_text is inside


def test_how_deep() -> None:
    place = JsonPlace()
    depths = []
    for piece in (b'{"a": [', b'"]}', b'"', b"]", b"}"):
        place.push(piece)
        depths.append(place.depth)
    assert depths == [2, 2, 2, 1, 0]
