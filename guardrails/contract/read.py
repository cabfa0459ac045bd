"""From YAML or JSON to a contract, with every mistake named and placed."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from lictor.guardrails.contract.checks import Checks
from lictor.guardrails.contract.contract import Argument, Contract, Match, References, Source, Step, Tool
from lictor.guardrails.contract.extract import TYPES
from lictor.guardrails.contract.places import ContractError, Path, Placed, read_placed
from lictor.guardrails.contract.read_source import LIMITS, SOURCE, SourceReader

_VERSION: Final = 1
_MOST_TOOLS: Final = 500
_MOST_ARGUMENTS: Final = 200
_LONGEST_NAME: Final = 256
_TOP: Final = ("contract", "description", "tools", "otherwise")
_TOOL: Final = ("times", "arguments", "otherwise", "else")
_RULE: Final = ("match", "type", "required", "else")
_SHAPES: Final = (*TYPES, "boolean", "text", "datetime")


def read_contract(text: str, file: str = "contract", line: int = 1) -> Contract:
    """Return the contract in a text; raises ContractError with every mistake. `line` is where the text begins."""
    return _build(read_placed(text, file, line))


def make_contract(data: Mapping[str, Any], file: str = "contract", line: int = 1) -> Contract:
    """Return the contract in plain data, as JSON brings it; raises ContractError. Every place is `line`."""
    placed = read_placed(msgspec.json.encode(data).decode(), file, line)
    placed.places = dict.fromkeys(placed.places, (line, 1))
    return _build(placed)


def _build(placed: Placed) -> Contract:
    contract = _ContractReader(placed).contract()
    if placed.mistakes:
        raise ContractError(tuple(sorted(placed.mistakes, key=lambda mistake: (mistake.line, mistake.column))))
    return contract


class _ContractReader(Checks):
    def __init__(self, placed: Placed) -> None:
        super().__init__(placed)
        self._sources = SourceReader(placed)

    def contract(self) -> Contract:
        data = self.map(self.placed.data, (), _TOP, "a contract")
        version = data.get("contract")
        if "contract" not in data:
            self.blame((), "it does not begin with 'contract: 1', the version of the format")
        elif version != _VERSION or isinstance(version, bool):
            self.blame(("contract",), f"version {version!r} is not known: this release reads version {_VERSION}")
        tools = self.map(data.get("tools", {}), ("tools",), None, "tools")
        if "tools" not in data:
            self.blame((), "'tools' is missing: name the tools that may be called, or write 'tools: {}'")
        if len(tools) > _MOST_TOOLS:
            self.blame(("tools",), f"{len(tools)} tools; a contract may have {_MOST_TOOLS}")
        return Contract(
            tools={name: self._tool(tool, ("tools", name)) for name, tool in tools.items() if self._is_named(name)},
            otherwise=self.word(data, (), "otherwise", (Step.READ_ONLY, Step.ASK, Step.DENY), Step.READ_ONLY),
            description=self.text(data, (), "description")[:2_000],
            file=self.placed.file,
            line=self.placed.place(())[0],
        )

    def _is_named(self, name: str) -> bool:
        if name and name.isprintable() and len(name) <= _LONGEST_NAME:
            return True
        self.blame(("tools", name), f"no tool is called so: a name has 1 to {_LONGEST_NAME} printable characters")
        return False

    def _tool(self, given: Any, path: Path) -> Tool:  # noqa: ANN401 -- whatever stands in the text
        data = self.map({} if given is None else given, path, _TOOL, "a tool")
        times = data.get("times")
        if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 0):
            self.blame((*path, "times"), "'times' is a whole number from 0: the most calls in a task")
            times = 0
        arguments = self.map(data.get("arguments") or {}, (*path, "arguments"), None, "arguments")
        if len(arguments) > _MOST_ARGUMENTS:
            self.blame((*path, "arguments"), f"{len(arguments)} arguments; a tool may have {_MOST_ARGUMENTS}")
        otherwise = Step.DENY if "arguments" in data else Step.ANY
        return Tool(
            times=times,
            arguments=tuple(
                (tuple(name.split(".")), self._argument(rule, (*path, "arguments", name)))
                for name, rule in arguments.items()
            ),
            otherwise=self.word(data, path, "otherwise", (Step.ANY, Step.ASK, Step.DENY), otherwise),
            broken=self.word(data, path, "else", (Step.ASK, Step.DENY), Step.DENY),
            line=self.placed.place(path)[0],
        )

    def _argument(self, given: Any, path: Path) -> Argument:  # noqa: ANN401
        line = self.placed.place(path)[0]
        if given == "any":
            return Argument(line=line)
        if not isinstance(given, dict):
            return Argument(self._sources.sources(given, path), line=line)
        data = self.map(given, path, ("from", *_RULE, *SOURCE), "an argument")
        if not data:
            self.blame(path, "it says nothing: write 'any', or where the argument may come from")
        sources = self._from(data, path)
        match = self.word(data, path, "match", tuple(Match), Match.VALUE)
        if match is Match.WORDS and any(_is_limited(source) for source in sources):
            self.blame((*path, "match"), "'match: words' goes with sources that say no more than a place")
        return Argument(
            sources=sources,
            match=match,
            type=self.text(data, path, "type", _SHAPES),
            required=self.flag(data, path, "required", unless=False),
            broken=self.word(data, path, "else", (Step.ASK, Step.DENY), Step.DENY) if "else" in data else None,
            line=line,
        )

    def _from(self, data: dict[str, Any], path: Path) -> tuple[Source, ...]:
        """Return the sources: those of `from`, else the source that the other keys are."""
        alone = {key: value for key, value in data.items() if key in SOURCE}
        if "from" not in data:
            return self._sources.sources(alone, path) if alone else ()
        if stray := alone.keys() - set(LIMITS):
            key = min(stray)
            self.blame((*path, key), f"'{key}' stands within 'from', or 'from' is left out")
        limits = self._sources.sources(alone, path)[0] if alone else None
        if data["from"] == "any":
            return () if limits is None else (limits,)
        sources = self._sources.sources(data["from"], (*path, "from"))
        if limits is None:
            return sources
        references = limits.place if isinstance(limits.place, References) else limits.references
        return tuple(
            msgspec.structs.replace(
                source,
                like=source.like or limits.like,
                least=limits.least if source.least is None else source.least,
                most=limits.most if source.most is None else source.most,
                references=source.references or references,
            )
            for source in sources
        )


def _is_limited(source: Source) -> bool:
    limits = source.like, source.least, source.most, source.references
    return isinstance(source.place, References) or limits != ("", None, None, None)
