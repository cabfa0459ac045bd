"""Which parts of a task's outputs a source means: by tool, by the call's arguments, by field and by record."""

from collections.abc import Iterable, Iterator

from lictor.guardrails.contract.candidates import Candidates
from lictor.guardrails.contract.contract import Condition, Like, Literal, Output
from lictor.guardrails.contract.fields import Field, Path, matches
from lictor.guardrails.contract.like import is_like
from lictor.guardrails.contract.match import holds, is_equal
from lictor.guardrails.contract.normal import normal_number
from lictor.guardrails.contract.origins import Origin, Speaker, TaskOrigins
from lictor.guardrails.contract.text import Text


class Selection:
    """The texts that a source means, and what was found in all of them together."""

    def __init__(self, texts: tuple[Text, ...]) -> None:
        self.texts = texts
        self._whole: Candidates | None = None
        self._values: dict[str, frozenset[str]] = {}

    @property
    def whole(self) -> Candidates:
        """The texts as values."""
        if self._whole is None:
            self._whole = Candidates(text.raw for text in self.texts)
        return self._whole

    def values(self, kind: str) -> frozenset[str]:
        """Return the distinct values of a type in any of them."""
        found = self._values.get(kind)
        if found is None:
            found = self._values[kind] = frozenset(value for text in self.texts for value in text.values(kind))
        return found


def select(source: Output, origins: TaskOrigins) -> Selection:
    """Return what a source offers: its outputs, or the fields of them that it names. Kept until more is read."""
    kept = origins.chosen.get(id(source))
    if kept is not None and kept[0] == len(origins.kept) and isinstance(kept[2], Selection):
        return kept[2]
    selection = Selection(tuple(_select(source, origins)))
    origins.choose(source, selection)
    return selection


def _select(source: Output, origins: TaskOrigins) -> Iterator[Text]:
    found = list(_outputs(source, origins))
    if not source.field:
        yield from (origin.text for origin in found)
        return
    chosen = [
        (number, record, text)
        for number, origin in enumerate(found)
        for path, text in origin.text.at(source.field)
        if _is_meant(source, record := _record(source.field, path), origin.text, origins)
    ]
    for order, key in ((1, source.most_of), (-1, source.least_of)):
        if key:
            sizes = {(at, record): _size(found[at].text, (*record, *key), order) for at, record, _ in chosen}
            best = max((size for size in sizes.values() if size is not None), default=None)
            chosen = [item for item in chosen if best is not None and sizes[item[0], item[1]] == best]
    yield from (Text(text) for _, _, text in chosen)


def _outputs(source: Output, origins: TaskOrigins) -> Iterator[Origin]:
    speaker = Speaker.AGENT if source.agent else Speaker.TOOL
    for origin in origins.kept:
        named = (
            "/" not in origin.name and origin.name in source.names
        ) or f"{origin.server}/{origin.name}" in source.names
        if (
            origin.speaker is speaker
            and named
            and (source.untrusted or not origin.untrusted)
            and all(_is_met(condition, origin.arguments, origins) for condition in source.calls)
        ):
            yield origin


def _record(pattern: Path, path: Path) -> Path:
    """Return the path of the record that a field belongs to: what the last `*` stands for, else the whole answer.

    A `*` at the end stands for the elements of a list within the record.
    """
    stars = [index for index, step in enumerate(pattern[:-1]) if step == "*"]
    return path[: stars[-1] + 1] if stars else ()


def _is_meant(source: Output, record: Path, text: Text, origins: TaskOrigins) -> bool:
    for condition in source.where:
        said = text.field((*record, *condition.field))
        if said is None or not _is_one_of(said, condition, origins):
            return False
    return True


def _is_met(condition: Condition, fields: Iterable[Field], origins: TaskOrigins) -> bool:
    """Tell whether an argument is there and, of several, one of them is what it must be."""
    return any(_is_one_of(said, condition, origins) for path, said in fields if matches(condition.field, path))


def _is_one_of(said: str, condition: Condition, origins: TaskOrigins) -> bool:
    for wanted in condition.among:
        if isinstance(wanted, Like):
            fits = is_like(said, wanted.pattern)
        elif isinstance(wanted, Literal):
            fits = is_equal(said, wanted.value)
        else:
            fits = any(holds(kept.text, said) for kept in origins.kept if kept.speaker is Speaker.PROMPT)
        if fits:
            return True
    return False


def _size(text: Text, path: Path, order: int) -> float | None:
    said = text.field(path)
    number = normal_number(said) if said is not None else None
    return None if number is None else order * float(number)
