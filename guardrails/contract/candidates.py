"""Many values at once: whether one of them is a given value, in whatever spelling, without comparing each."""

import re
from collections.abc import Iterable
from typing import Final

from lictor.guardrails.contract.match import Scalar, forms, is_among, kind_of
from lictor.guardrails.contract.normal import normal_number, normal_text, normal_value

_OPAQUE: Final = re.compile(r"[/\\]|[A-Za-z]\d|\d[A-Za-z]")


class Candidates:
    """The values that one may be; `values` are the different ones."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = frozenset(values)
        self._normal: frozenset[str] | None = None
        self._lower: frozenset[str] = frozenset()
        self._forms: dict[str, frozenset[str]] = {}

    def hold(self, value: Scalar) -> bool:
        """Tell whether one of them is the value: `is_equal` of match, for all of them."""
        if value is None:
            return False
        if isinstance(value, str):
            return value in self.values or self._hold_text(value)
        if isinstance(value, bool):
            return self._normals() is not None and str(value).lower() in self._lower
        number = normal_number(value)
        return number is not None and number in self._of("number")

    def _hold_text(self, value: str) -> bool:
        plain = normal_value(value)
        if plain is None:
            return False
        if plain in self._normals():
            return True
        if kind := kind_of(plain):
            return is_among(kind, plain, self._of(kind))
        return _OPAQUE.search(plain) is None and plain.lower() in self._lower

    def _normals(self) -> frozenset[str]:
        if self._normal is None:
            self._normal = frozenset(normal_text(value) for value in self.values)
            self._lower = frozenset(value.lower() for value in self._normal)
        return self._normal

    def _of(self, kind: str) -> frozenset[str]:
        found = self._forms.get(kind)
        if found is None:
            found = frozenset(form for value in self._normals() for form in forms(kind, value))
            self._forms[kind] = found
        return found
