"""Text of strangers on a terminal: a message's text must not move the cursor, colour the screen or hide a word."""

from typing import Final

_STAND_IN: Final = "�"


def printable(text: str) -> str:
    """Return text in which line feeds and tabs are kept and every other control character is replaced."""
    return "".join(c if c.isprintable() or c in "\n\t" else _STAND_IN for c in text)


def indented(text: str, width: int) -> str:
    """Return text whose second and later lines begin with `width` spaces: none of them passes for a line of Lictor."""
    return printable(text).replace("\n", f"\n{' ' * width}")


def one_line(text: str, most: int) -> str:
    """Return text as one line of at most so many characters."""
    line = printable(" ".join(text[: 4 * most].split()))
    return line if len(line) <= most else f"{line[: most - 1]}…"
