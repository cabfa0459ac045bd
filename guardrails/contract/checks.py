"""Checks of plain data, each mistake noted at its place: what the readers of a contract are made of."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

from lictor.guardrails.contract.contract import Match, Step
from lictor.guardrails.contract.places import Path, Placed

_W = TypeVar("_W", Step, Match)


class Checks:
    """Takes values out of maps; what is wrong is noted and something harmless returned in its place."""

    def __init__(self, placed: Placed) -> None:
        self.placed = placed
        self.blame = placed.blame

    def map(self, given: Any, path: Path, known: Iterable[str] | None, what: str) -> dict[str, Any]:  # noqa: ANN401
        """Return a map; `known` are the keys that it may have, None for any."""
        if not isinstance(given, dict):
            self.blame(path, f"{what} is a map of keys and values, not {show(given)}")
            return {}
        if known is not None:
            keys = tuple(known)
            for key in given:
                if key not in keys:
                    hint = near(key, keys)
                    self.blame((*path, key), f"unknown key '{key}' in {what}; known: {', '.join(keys)}{hint}")
        return given

    def word(self, data: dict[str, Any], path: Path, key: str, among: tuple[_W, ...], unless: _W) -> _W:
        """Return one of some words."""
        given = data.get(key, unless)
        for word in among:
            if given == word:
                return word
        words = tuple(str(word) for word in among)
        self.blame((*path, key), f"'{key}' is {show(given)}; it may be {', '.join(words)}{near(given, words)}")
        return unless

    def text(self, data: dict[str, Any], path: Path, key: str, among: tuple[str, ...] = ()) -> str:
        """Return a text, of some texts when `among` names them; empty when it is not given."""
        given = data.get(key)
        if key in data and (not isinstance(given, str) or not given or (among and given not in among)):
            may = ", ".join(among) or "a text"
            self.blame((*path, key), f"'{key}' is {show(given)}; it may be {may}{near(given, among)}")
        return given if isinstance(given, str) else ""

    def number(self, data: dict[str, Any], path: Path, key: str) -> float | None:
        """Return a number; None when it is not given."""
        given = data.get(key)
        if key not in data:
            return None
        if isinstance(given, bool) or not isinstance(given, int | float):
            self.blame((*path, key), f"'{key}' is a number, not {show(given)}")
            return None
        return float(given)

    def flag(self, data: dict[str, Any], path: Path, key: str, *, unless: bool) -> bool:
        """Return true or false."""
        given = data.get(key, unless)
        if not isinstance(given, bool):
            self.blame((*path, key), f"'{key}' is true or false, not {show(given)}")
            return unless
        return given

    def steps(self, data: dict[str, Any], path: Path, key: str) -> tuple[str, ...]:
        """Return a path of names and `*`, written with dots; empty when it is not given."""
        if key not in data:
            return ()
        given = data[key]
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        if not isinstance(given, str) or not all(given.split(".")):
            self.blame((*path, key), f"'{key}' is a path of names and '*' with dots between them")
            return ("",)
        return tuple(given.split("."))


def near(given: Any, among: Iterable[str]) -> str:  # noqa: ANN401
    """Return the word that was probably meant, as the end of a sentence."""
    close = get_close_matches(given, among, 1) if isinstance(given, str) else []
    return f" (did you mean '{close[0]}'?)" if close else ""


def show(given: Any) -> str:  # noqa: ANN401
    """Return a value as a person would write it, cut short."""
    shown = "nothing" if given is None else repr(given)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
