"""The embedded engine: the regorus interpreter in this process, without I/O and without the network."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import hobofan_regorus

from lictor.guardrails.policy.adaptation import SUPPORT, adapt
from lictor.guardrails.policy.bundle import Bundle, Module
from lictor.guardrails.policy.decision import Places, read_decision
from lictor.guardrails.policy.encoding import write_question
from lictor.guardrails.policy.engine import Decision, PolicyError
from lictor.guardrails.policy.fields import Path
from lictor.guardrails.policy.restrictions import check_modules
from lictor.guardrails.policy.stages import APPROVE, STAGES, Stages, arrange, with_stages

_SUPPORT: Final = "lictor/rego.rego"
_OWN_SIGNS: Final = re.compile(r"(?<!\\)(?:\\\\)*[$<>():]")


class EmbeddedRego:
    """Evaluates a bundle with regorus. Not safe across threads: one engine, one thread."""

    def __init__(self, bundle: Bundle) -> None:
        """Compile the bundle; raises PolicyError naming the file when a module does not compile or may not be used."""
        self._revision = bundle.revision
        if len({module.path for module in bundle.modules}) < len(bundle.modules):
            raise PolicyError("two policy files have the same name")
        prepared = _prepare(bundle.modules)
        self.places = prepared.places
        """File and line of the user's rules, by the rule's name."""
        self.stages: Stages = prepared.stages
        """What is read where."""
        self._engine = hobofan_regorus.Engine()
        self._engine.add_policy(_SUPPORT, SUPPORT)
        for module, text in zip(bundle.modules, prepared.texts, strict=True):
            _add(self._engine, module, text)
        try:
            self._engine.add_data_json(json.dumps(with_stages(bundle.data, self.stages), default=str))
        except BaseException as error:
            raise PolicyError(f"the team's data cannot be used: {_explain(error)}") from None
        self._pristine = self._engine.clone()
        for stage in (*STAGES, APPROVE):
            if self.decide(stage, {}).allow:
                raise PolicyError(f"the bundle allows an empty input at stage {stage}, so it does not deny by default")

    @property
    def revision(self) -> str:
        """Digest of policies and data that decide."""
        return self._revision

    @property
    def fields(self) -> Mapping[str, frozenset[Path]]:
        """For each stage, the paths below `input` that decide there."""
        return self.stages.fields

    def decide(self, stage: str, document: dict[str, Any]) -> Decision:
        """Return the decision of one stage; raises PolicyError when evaluation fails or is undefined."""
        try:
            self._engine.set_input_json(write_question(document).decode())
            raw = self._engine.eval_rule_as_json(f"data.lictor.main.{stage}")
        except (KeyboardInterrupt, SystemExit, PolicyError):
            raise
        except BaseException as error:
            told = _explain(error)
            self._renew()
            raise PolicyError(f"evaluation failed: {self._place_of(told, document)}{told}") from None
        return read_decision(raw, self.places)

    def _renew(self) -> None:
        """Go on with an engine that has never failed: one that broke off in a rule may find recursion there later."""
        self._engine = self._pristine.clone()

    def _place_of(self, told: str, document: dict[str, Any]) -> str:
        """Return where the user's rule stands that failed within a function of the engine's own; else nothing."""
        if _SUPPORT not in told:
            return ""
        self._engine.set_input_json(write_question(document).decode())
        for rule, (file, line) in self.places.items():
            try:
                self._engine.eval_rule_as_json(rule)
            except Exception:  # whatever it is, it is this rule
                self._renew()
                return f"{file}:{line}: "
        return ""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What modules come to before there are data: it costs more than everything after it."""

    places: Places
    stages: Stages
    texts: tuple[str, ...]


@lru_cache(maxsize=8)
def _prepare(modules: tuple[Module, ...]) -> _Prepared:
    trees = parse(modules)
    places = check_modules(modules, trees)
    texts = tuple(adapt(module.text, trees[module.path], built_in=not module.user) for module in modules)
    return _Prepared(places, arrange(modules, trees), texts)


def parse(modules: Iterable[Module]) -> dict[str, dict[str, Any]]:
    """Return the syntax tree of each module by its path; raises PolicyError naming the one that is not Rego."""
    # Where RUST_BACKTRACE is set, the first rule that fails would cost 140 ms, for lines that nobody reads.
    os.environ.setdefault("RUST_LIB_BACKTRACE", "0")
    engine = hobofan_regorus.Engine()
    for module in modules:
        _add(engine, module, module.text)
    printed = json.loads(engine.get_ast_as_json())
    return {module["source"]["file"]: module["ast"] for module in printed}


def _add(engine: hobofan_regorus.Engine, module: Module, text: str) -> None:
    try:
        engine.add_policy(module.path, text)
    except BaseException as error:
        hint = "" if "import rego.v1" in module.text else " (does it lack `import rego.v1`?)"
        raise PolicyError(f"{module.path}: {_explain(error)}{hint}") from None


def check_glob(pattern: str) -> None:
    """Raise PolicyError unless every engine reads this glob alike; at run time one that cannot be matched denies.

    The embedded engine gives `$ < > ( ) :` a meaning that OPA does not know, so they must be escaped.
    """
    complaint = f"{pattern!r} is not a glob: use *, ?, [a-z] and {{one,other}}, and \\ before any other sign"
    if _OWN_SIGNS.search(pattern):
        raise PolicyError(complaint)
    engine = hobofan_regorus.Engine()
    engine.add_policy(
        "glob.rego", "package glob\nimport rego.v1\nresult := glob.match(input.pattern, null, input.text)"
    )
    engine.set_input_json(json.dumps({"pattern": pattern, "text": "x"}))
    try:
        engine.eval_rule_as_json("data.glob.result")
    except Exception:
        raise PolicyError(complaint) from None


def _explain(error: BaseException) -> str:
    text = str(error).split("Stack backtrace", 1)[0]
    return " ".join(text.split())[:300] or type(error).__name__
