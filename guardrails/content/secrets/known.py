"""The very secrets that this team knows: exact, whole or in pieces, plain or encoded. They stay in this process."""

import base64
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

from lictor.guardrails.content.finding import Finding
from lictor.guardrails.content.prefilter import Pattern, Prefilter, literal

_SHORTEST: Final = 6
_SHORTEST_SQUEEZED: Final = 8
_KEPT: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_DROPPED: Final = bytes(byte for byte in range(128) if byte not in _KEPT)
_LOWER: Final = bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))


class KnownSecrets:
    """Finds values, given by name. Values shorter than 6 bytes are left out: they would be found everywhere."""

    def __init__(self, values: Mapping[str, str]) -> None:
        kept = {name: value.encode() for name, value in values.items() if len(value.encode()) >= _SHORTEST}
        self.names = tuple(sorted(kept))
        self._plain = Prefilter(
            literal(name, form) for name, value in sorted(kept.items()) for form in sorted(set(_forms(value)))
        )
        self._pieces = Prefilter(_pieces(kept))

    def find(self, text: bytes) -> list[Finding]:
        """Return the secrets that a canonical text holds, also with other signs between their letters."""
        if not self.names:
            return []
        names = self._plain.topics(text) | self._pieces.topics(squeeze(text))
        return [Finding("secret", "known", detail=name) for name in sorted(names)]


def squeeze(text: bytes) -> bytes:
    """Return a text's ASCII letters and digits alone, in lower case."""
    return text.translate(_LOWER, _DROPPED)


def _forms(value: bytes) -> Iterable[bytes]:
    yield value
    yield value[::-1]
    yield value.hex().encode()
    yield value.hex().upper().encode()
    yield quote(value, safe="").encode()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + value)
        inner = coded[(0, 2, 3)[shift] : len(coded) - (4 if (shift + len(value)) % 3 else 0)]
        if len(inner) >= _SHORTEST_SQUEEZED:
            yield inner
            yield inner.replace(b"+", b"-").replace(b"/", b"_")


def _pieces(kept: Mapping[str, bytes]) -> Iterable[Pattern]:
    for name, value in sorted(kept.items()):
        for form in {squeeze(value), squeeze(value[::-1])}:
            if len(form) >= _SHORTEST_SQUEEZED:
                yield literal(name, form)
