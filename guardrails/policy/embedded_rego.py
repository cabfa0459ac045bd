"""The embedded engine: the regorus interpreter in this process, without I/O and without the network."""

import json
import re
from typing import Any, Final

import hobofan_regorus
import msgspec

from lictor.guardrails.policy.bundle import Bundle, Module
from lictor.guardrails.policy.engine import Decision, Denial, PolicyError
from lictor.guardrails.policy.fields import Path, read_fields
from lictor.guardrails.policy.syntax import calls_of, data_of, package_of, rules_of

_ENTRY: Final = "data.lictor.main.decision"
_USER_PACKAGE: Final = re.compile(r"lictor\.user\.[A-Za-z_][A-Za-z0-9_-]*")
_OWN_SIGNS: Final = re.compile(r"(?<!\\)(?:\\\\)*[$<>():]")
_BANNED: Final = frozenset(
    {"http.send", "net.lookup_ip_addr", "opa.runtime", "rand.intn", "uuid.rfc4122", "time.now_ns", "trace", "print"}
)
"""Builtins whose answer is not a function of input and data: a decision could not be kept or reproduced."""


class _DenialShape(msgspec.Struct, frozen=True):
    code: str
    reason: str
    rule: str
    file: str = ""
    line: int = 0


class _DecisionShape(msgspec.Struct, frozen=True):
    allow: bool
    denials: list[_DenialShape]


_decoder: Final = msgspec.json.Decoder(_DecisionShape)


class EmbeddedRego:
    """Evaluates a bundle with regorus. Not safe across threads: one engine, one thread."""

    def __init__(self, bundle: Bundle) -> None:
        """Compile the bundle; raises PolicyError naming the file when a module does not compile or may not be used."""
        self._engine = hobofan_regorus.Engine()
        self._revision = bundle.revision
        if len({module.path for module in bundle.modules}) < len(bundle.modules):
            raise PolicyError("two policy files have the same name")
        for module in bundle.modules:
            self._add(module)
        trees = self._trees()
        self._places = _check_modules(bundle.modules, trees)
        self.fields: frozenset[Path] = read_fields(list(trees.values()))
        """Paths below `input` that the bundle reads."""
        try:
            self._engine.add_data_json(json.dumps(bundle.data, default=str))
        except BaseException as error:
            raise PolicyError(f"the team's data cannot be used: {_explain(error)}") from None
        if self.decide({}).allow:
            raise PolicyError("the bundle allows an empty input, so it does not deny by default")

    @property
    def revision(self) -> str:
        """Digest of policies and data that decide."""
        return self._revision

    def decide(self, document: dict[str, Any]) -> Decision:
        """Return the decision for one input document; raises PolicyError when evaluation fails or is undefined."""
        try:
            self._engine.set_input_json(msgspec.json.encode(document).decode())
            raw = self._engine.eval_rule_as_json(_ENTRY)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            raise PolicyError(f"evaluation failed: {_explain(error)}") from None
        try:
            shape = _decoder.decode(raw)
        except (msgspec.MsgspecError, TypeError):
            raise PolicyError("the bundle gave no decision") from None
        denials = tuple([self._denial(item) for item in shape.denials])
        return Decision(shape.allow and not denials, denials)

    def _denial(self, shape: _DenialShape) -> Denial:
        if shape.file:
            return Denial(shape.code, shape.reason, shape.rule, shape.file, shape.line)
        return Denial(shape.code, shape.reason, shape.rule, *self._places.get(shape.rule, ("", 0)))

    def _add(self, module: Module) -> None:
        try:
            self._engine.add_policy(module.path, module.text)
        except BaseException as error:
            hint = "" if "import rego.v1" in module.text else " (does it lack `import rego.v1`?)"
            raise PolicyError(f"{module.path}: {_explain(error)}{hint}") from None

    def _trees(self) -> dict[str, dict[str, Any]]:
        printed = json.loads(self._engine.get_ast_as_json())
        return {module["source"]["file"]: module["ast"] for module in printed}


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


def _check_modules(modules: tuple[Module, ...], trees: dict[str, dict[str, Any]]) -> dict[str, tuple[str, int]]:
    """Refuse what may not be used; return where the user's rules stand, by the rule's name."""
    places: dict[str, tuple[str, int]] = {}
    for module in modules:
        tree = trees[module.path]
        if not tree["rego_v1"]:
            raise PolicyError(f"{module.path}: add the line `import rego.v1`: policies are written in Rego v1")
        for name, line in calls_of(tree):
            if name in _BANNED:
                raise PolicyError(
                    f"{module.path}:{line}: {name} may not be used: its answer depends on more than the input"
                )
        if module.user:
            _check_user_module(module, tree, places)
    return places


def _check_user_module(module: Module, tree: dict[str, Any], places: dict[str, tuple[str, int]]) -> None:
    package = package_of(tree)
    if not _USER_PACKAGE.fullmatch(package):
        raise PolicyError(f"{module.path}:1: package {package} may not be used here: write `package lictor.user.NAME`")
    denials = [rule for rule in rules_of(tree) if rule.name == "deny"]
    for rule in denials:
        if not rule.adds:
            raise PolicyError(
                f"{module.path}:{rule.line}: write `deny contains REASON if {{ … }}`: only that is collected"
            )
        places.setdefault(f"data.{package}.deny", (module.path, rule.line))
    for path, line in data_of([tree["imports"], tree["rules"]]):
        of_user = path[:2] == ("lictor", "user") and path[2:3] not in {(), ("*",)}
        if path[:2] != ("lictor", "team") and not of_user:
            read = ".".join(("data", *path))
            raise PolicyError(
                f"{module.path}:{line}: {read} may not be read here: "
                "rules may read data.lictor.team and data.lictor.user.NAME"
            )
    if not denials:
        raise PolicyError(f"{module.path}:1: it has no rule `deny contains REASON if {{ … }}`, so it decides nothing")


def _explain(error: BaseException) -> str:
    text = str(error).split("Stack backtrace", 1)[0]
    return " ".join(text.split())[:300] or type(error).__name__
