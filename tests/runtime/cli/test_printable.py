from lictor.runtime.cli.printable import indented, one_line, printable


def test_what_could_move_the_cursor_or_turn_the_text_around_is_replaced() -> None:
    assert printable("a\x1b[2J\x9b b\u202ec\0\r\nd\te") == "a�[2J� b�c��\nd\te"


def test_letters_of_every_script_stay() -> None:
    assert printable("żółć 漢字 🦥") == "żółć 漢字 🦥"


def test_a_line_is_one_line_of_limited_length() -> None:
    assert one_line("a\n\n  b\tc", 10) == "a b c"
    assert one_line("x" * 1_000_000, 10) == "x" * 9 + "…"


def test_only_the_first_line_begins_at_the_margin() -> None:
    assert indented("yes\nmodel: forged\r\n\x1b[A", 4) == "yes\n    model: forged�\n    �[A"
