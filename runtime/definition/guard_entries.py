"""Reads `guards:` of a team, a file's defaults or an agent; what a guard cannot be is a problem at its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lictor.runtime.definition.guards import GUARDS, OFF, Guard, Setting
from lictor.runtime.definition.plan import GuardPlan
from lictor.runtime.definition.problem import Problem, Severity, guess
from lictor.runtime.definition.reader import Path
from lictor.runtime.definition.team import SourceFile
from lictor.runtime.definition.units import parse_duration, parse_quantity, parse_share
from lictor.runtime.definition.values import kind_of

TEAM_ONLY: Final = ("rate",)
"""Keys of the team's `guards:` that are no guards."""


@dataclass(slots=True)
class GuardReader:
    """Reads one `guards:` map; `path` is where it stands in the file."""

    source: SourceFile
    path: Path
    team: bool = False
    """Whether it is the team's own."""
    problems: list[Problem] = field(default_factory=list)

    def read(self, entries: Mapping[str, Any]) -> dict[str, GuardPlan]:
        """Return what is set, as far as it can be: an empty mode and absent settings are as before."""
        return dict(self._read(entries))

    def _read(self, entries: Mapping[str, Any]) -> Iterator[tuple[str, GuardPlan]]:
        for name, value in entries.items():
            guard = GUARDS.get(name)
            if guard is None:
                if not (self.team and name in TEAM_ONLY):
                    self._unknown(name)
                continue
            mode, settings = self._entry(name, guard, value)
            if mode == OFF and guard.mode != OFF:
                message = f"guard '{name}' is switched off: {guard.meaning[0].lower()}{guard.meaning[1:].rstrip('.')}"
                hint = "without it they pass unseen; warn would at least record them"
                self._add("L308", message, (name,), hint, key=True, severity=Severity.WARNING)
            yield name, GuardPlan(mode, settings, self.source.place((*self.path, name)))

    def _entry(self, name: str, guard: Guard, value: object) -> tuple[str, dict[str, Any]]:
        if not isinstance(value, dict):
            mode = self._mode(name, guard, value, (name,))
            self._check_together(name, mode or guard.mode, guard, {})
            return mode, {}
        mode = self._mode(name, guard, value["mode"], (name, "mode")) if "mode" in value else ""
        settings: dict[str, Any] = {}
        known = {key: setting for key, setting in guard.settings.items() if self.team or not setting.team}
        for key, given in value.items():
            setting = known.get(key)
            if setting is not None:
                try:
                    settings[key] = _read_setting(setting, given)
                except ValueError as error:
                    self._add("L118", f"{key} of guard '{name}': {error}", (name, key))
            elif key != "mode":
                message = f"guard '{name}' has no setting '{key}'"
                hint = guess(key, ("mode", *known)) or f"known here: {', '.join(('mode', *known))}"
                if key in guard.settings:
                    hint = "it holds for the whole team: write it under the team's guards:"
                self._add("L101", message, (name, key), hint, key=True)
        self._check_together(name, mode or guard.mode, guard, settings)
        return mode, settings

    def _mode(self, name: str, guard: Guard, value: object, at: Path) -> str:
        if isinstance(value, str) and value in guard.modes:
            return value
        shown = f"'{value}'" if isinstance(value, str) else kind_of(value)
        message = f"guard '{name}' cannot be {shown}: it is one of {', '.join(guard.modes)}"
        self._add("L105", message, at, guess(value, guard.modes) if isinstance(value, str) else "")
        return ""

    def _check_together(self, name: str, mode: str, guard: Guard, settings: Mapping[str, Any]) -> None:
        given = {key: settings.get(key, setting.default) for key, setting in guard.settings.items()}
        if name == "conduct" and given["deny"] > given["ask"]:
            message = "guard 'conduct' would deny before it asks: the score for deny is above that for ask"
            self._add("L118", message, (name,), "let deny be at most ask", key=True)
        if name == "toxicity" and mode != OFF and not given["classifier"]:
            message = "guard 'toxicity' has no classifier, and none is built in"
            self._add("L102", message, (name,), "name one: {mode: warn, classifier: models/toxicity.onnx}", key=True)

    def _unknown(self, name: str) -> None:
        known = (*GUARDS, *(TEAM_ONLY if self.team else ()))
        close = name.replace("-", "_")
        hint = f"did you mean '{close}'?" if close in known else guess(close, known)
        hint = hint or f"there are {', '.join(known)}"
        if not self.team and name in TEAM_ONLY:
            hint = "it holds for the whole team: write it under the team's guards:"
        self._add("L101", f"there is no guard '{name}'", (name,), hint, key=True)

    def _add(
        self,
        code: str,
        message: str,
        at: Path,
        hint: str = "",
        *,
        key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> None:
        span = self.source.document.span((*self.path, *at), key=key)
        self.problems.append(Problem(code, message, span, hint, severity))


def _read_setting(setting: Setting, value: object) -> Any:  # noqa: ANN401 -- as its kind demands
    """Return the value; raises ValueError with a sentence."""
    match setting.kind:
        case "share":
            return parse_share(value)
        case "count":
            number = parse_quantity(value)
            if not setting.low <= number <= setting.high:
                raise ValueError(f"it is from {setting.low:g} to {setting.high:g}, not {number}")
            return number
        case "duration":
            return parse_duration(value)
        case "words":
            if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
                return tuple(value)
            raise ValueError(f"it is a list of words, not {kind_of(value)}")
        case _:
            if isinstance(value, str) and value.strip():
                return value
            raise ValueError(f"it is a text, not {kind_of(value)}")
