"""From plain data to the sources of an argument."""

from collections.abc import Mapping
from typing import Any, Final

from lictor.guardrails.contract.checks import Checks, show
from lictor.guardrails.contract.contract import (
    Anything,
    Approval,
    Condition,
    Like,
    Literal,
    Output,
    Place,
    Prompt,
    References,
    Source,
    Trusted,
)
from lictor.guardrails.contract.extract import TYPES
from lictor.guardrails.contract.places import Path

MOST_SOURCES: Final = 100
LIMITS: Final = ("like", "min", "max", "text")
"""What else must be so, whatever the place."""
_OUTPUT: Final = ("tool", "agent", "with", "field", "where", "max_of", "min_of", "as", "unique", "untrusted")
_ALONE: Final = ("prompt", "trusted", "approval", "literal", "literals")
SOURCE: Final = (*_OUTPUT, *_ALONE, *LIMITS)
"""Keys of a source."""
_WORDS: Final[Mapping[str, Place]] = {"prompt": Prompt(), "trusted": Trusted(), "approval": Approval()}
_NOWHERE: Final = Source(Literal([]))
"""Stands for sources that could not be read: nothing comes from it."""


class SourceReader(Checks):
    """Reads sources; what cannot be read is noted, and no value comes from it."""

    def sources(self, given: Any, path: Path) -> tuple[Source, ...]:  # noqa: ANN401
        """Return the sources that a list, or one source alone, names."""
        if not isinstance(given, list):
            return tuple(self._source(given, path)) or (_NOWHERE,)
        if not given or len(given) > MOST_SOURCES:
            self.blame(path, f"{len(given)} sources; an argument has 1 to {MOST_SOURCES}")
        found = [self._source(item, (*path, index)) for index, item in enumerate(given)]
        return tuple(source for sources in found for source in sources) or (_NOWHERE,)

    def _source(self, given: Any, path: Path) -> list[Source]:  # noqa: ANN401
        if isinstance(given, str) and given in _WORDS:
            return [Source(_WORDS[given])]
        if not isinstance(given, dict) or not given:
            hint = "; it stands alone, not among others" if given == "any" else ""
            self.blame(path, f"{show(given)} is no source: prompt, trusted, approval, or a map{hint}")
            return []
        data = self.map(given, path, SOURCE, "a source")
        like = self.text(data, path, "like")
        least, most = self.number(data, path, "min"), self.number(data, path, "max")
        references = self._references(data["text"], (*path, "text")) if "text" in data else None
        places = self._places(data, path)
        if not places and references is not None and not data.keys() - set(LIMITS):
            places, references = [references], None
        return [Source(place, like, least, most, references) for place in places]

    def _references(self, given: Any, path: Path) -> References:  # noqa: ANN401
        return References(() if given == [] else self.sources(given, path))

    def _places(self, data: dict[str, Any], path: Path) -> list[Place]:
        named = [key for key in data if key in _ALONE or key in {"tool", "agent"}]
        if len(named) > 1:
            self.blame(path, f"a source is one place, not {' and '.join(named)} at once")
            return []
        if not named:
            if stray := [key for key in data if key in _OUTPUT]:
                self.blame((*path, stray[0]), f"'{stray[0]}' needs 'tool' or 'agent'")
                return []
            return [] if "text" in data or not data else [Anything()]
        key = named[0]
        return self._output(data, path, key) if key in {"tool", "agent"} else self._plain(data, path, key)

    def _plain(self, data: dict[str, Any], path: Path, key: str) -> list[Place]:
        if stray := [other for other in data if other in _OUTPUT]:
            self.blame((*path, stray[0]), f"'{stray[0]}' goes with 'tool' or 'agent', not with '{key}'")
        given = data[key]
        if key == "literal":
            return [Literal(given)]
        if key == "literals":
            if isinstance(given, list) and given:
                return [Literal(value) for value in given]
            self.blame((*path, key), "'literals' is a list of values")
        elif given is True:
            return [_WORDS[key]]
        else:
            self.blame((*path, key), f"'{key}' is true, or is left out")
        return []

    def _output(self, data: dict[str, Any], path: Path, key: str) -> list[Place]:
        given = data[key]
        names = given if isinstance(given, list) else [given]
        if not names or not all(isinstance(name, str) and name for name in names):
            self.blame((*path, key), f"'{key}' is a name or a list of names, not {show(given)}")
            return []
        field, kind = self.steps(data, path, "field"), self.text(data, path, "as", tuple(TYPES))
        unique = self.flag(data, path, "unique", unless=False)
        if unique and not field and not kind:
            self.blame((*path, "unique"), "'unique' needs 'as' or 'field': one of what?")
        for narrow in ("where", "max_of", "min_of"):
            if narrow in data and not field:
                self.blame((*path, narrow), f"'{narrow}' needs 'field': it chooses among records")
        output = Output(
            names=tuple(names),
            agent=key == "agent",
            calls=self._conditions(data, path, "with"),
            field=field,
            where=self._conditions(data, path, "where"),
            most_of=self.steps(data, path, "max_of"),
            least_of=self.steps(data, path, "min_of"),
            type=kind,
            unique=unique,
            untrusted=self.flag(data, path, "untrusted", unless=bool(field or kind)),
        )
        return [output]

    def _conditions(self, data: dict[str, Any], path: Path, key: str) -> tuple[Condition, ...]:
        if key not in data:
            return ()
        given = self.map(data[key], (*path, key), None, f"'{key}'")
        if not given:
            self.blame((*path, key), f"'{key}' names fields and what they have to be")
        for name in given:
            if key == "where" and "*" in name.split("."):
                self.blame((*path, key, name), "a field of 'where' is one field of the record: it has no '*'")
        return tuple(
            Condition(tuple(name.split(".")), self._among(said, (*path, key, name))) for name, said in given.items()
        ) or (Condition(("",), ()),)

    def _among(self, given: Any, path: Path) -> tuple[Prompt | Literal | Like, ...]:  # noqa: ANN401
        found: list[Prompt | Literal | Like] = []
        for item in given if isinstance(given, list) else [given]:
            if not isinstance(item, dict):
                found.append(Literal(item))
            elif item.keys() == {"like"} and isinstance(item["like"], str):
                found.append(Like(item["like"]))
            elif item.keys() == {"from"} and item["from"] == "prompt":
                found.append(Prompt())
            elif item.keys() == {"literal"} and not isinstance(item["literal"], dict | list):
                found.append(Literal(item["literal"]))
            else:
                self.blame(path, f"{show(item)}: write a value, {{like: pattern}}, or {{from: prompt}}")
        return tuple(found)
