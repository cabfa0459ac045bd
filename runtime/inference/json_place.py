"""Where in a JSON text the writing stands: within a quoted text or between marks, and how deep."""


class JsonPlace:
    """Follows a JSON text byte by byte."""

    def __init__(self) -> None:
        self.in_text = False
        self.depth = 0
        """Objects and lists that are open."""
        self._escaped = False

    def push(self, piece: bytes) -> None:
        """Go on by the bytes of one token."""
        for byte in piece:
            if self._escaped:
                self._escaped = False
            elif byte == 0x22:
                self.in_text = not self.in_text
            elif byte == 0x5C and self.in_text:
                self._escaped = True
            elif not self.in_text:
                self.depth += (byte in b"{[") - (byte in b"}]")
