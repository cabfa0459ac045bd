"""Puts environment variables and secret files into strings, after parsing: a value can never add structure."""

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lictor.runtime.definition.plan import Secret
from lictor.runtime.definition.problem import Problem, Severity, Span, guess
from lictor.runtime.definition.reader import Document
from lictor.runtime.definition.reader import Path as KeyPath

_HOLE: Final = re.compile(r"\$(?:(?P<escape>\$)|\{(?P<body>[^{}]*)(?P<end>\})?)")
_VARIABLE: Final = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<how>:[-?])(?P<rest>.*))?", re.DOTALL)
_SECRET_NAME: Final = re.compile(r"(.*_)?(KEY|TOKEN|SECRET)|.*PASSWORD.*", re.IGNORECASE)
_LINE: Final = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
_KEY_SHAPES: Final = re.compile(
    r"(sk|pk|rk|key|ghp|gho|ghs|glpat|xox[abpsr]|hf|AIza|AKIA|eyJ)[-_A-Za-z0-9.]{14,}|(?i:bearer|basic|token)\s+[^\s$]{8,}"
)
_DENSE: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_=-]{24,}")
_MOST_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a document became: the same shape, with Secret values where a string held one."""

    data: Any
    problems: tuple[Problem, ...]
    unfilled: frozenset[Span]
    """Places of strings in which something is missing: what else is wrong with them is not known."""


def is_secret_name(name: str) -> bool:
    """Tell whether a variable of this name holds a secret."""
    return _SECRET_NAME.fullmatch(name) is not None


def looks_like_key(text: str) -> bool:
    """Tell whether a literal looks like a credential that somebody pasted."""
    return _KEY_SHAPES.search(text) is not None or _DENSE.fullmatch(text) is not None


def mask_keys(text: str) -> str:
    """Return the text with everything that looks like a pasted credential dotted out, at the same length."""
    return _KEY_SHAPES.sub(lambda match: "•" * len(match[0]), text)


def read_dotenv(path: Path, file: str) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Return the variables of a `.env` file; an absent file has none. A line that is not `NAME=value` is a warning."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}, ()
    except (OSError, UnicodeDecodeError) as error:
        return {}, (Problem("L506", f"cannot be read: {_reason(error)}", Span(file), severity=Severity.WARNING),)
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        if match is None:
            message = "not a line of the form NAME=value: it is skipped"
            problems.append(Problem("L506", message, Span(file, number), severity=Severity.WARNING))
            continue
        values[match["name"]] = _unquote(match["value"])
    return values, tuple(problems)


def _unquote(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return re.split(r"\s+#", value, maxsplit=1)[0].strip()


def expand(document: Document, variables: Mapping[str, str], folder: Path) -> Expansion:
    """Return the document's data with every `${…}` filled in; `prompt` of an agent is left as it is.

    Relative paths in `${file:…}` start at `folder`.
    """
    expander = _Expander(document, variables, folder)
    data = expander.walk(document.data, ())
    return Expansion(data, tuple(expander.problems), frozenset(expander.unfilled))


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"


@dataclass(slots=True)
class _Expander:
    document: Document
    variables: Mapping[str, str]
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    unfilled: set[Span] = field(default_factory=set)

    def walk(self, value: Any, path: KeyPath) -> Any:  # noqa: ANN401 -- YAML is any data
        if isinstance(value, str):
            return value if "$" not in value or _is_prompt(path) else self._text(value, path)
        if isinstance(value, dict):
            return {key: self.walk(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.walk(item, (*path, index)) for index, item in enumerate(value)]
        return value

    def _text(self, text: str, path: KeyPath) -> str | Secret:
        parts: list[str] = []
        secret = False
        before = len(self.problems)
        at = 0
        for match in _HOLE.finditer(text):
            parts.append(text[at : match.start()])
            at = match.end()
            if match["escape"]:
                parts.append("$")
                continue
            value, hides = self._hole(match, path)
            secret = secret or hides
            parts.append(value)
        whole = "".join([*parts, text[at:]])
        if any(problem.is_error for problem in self.problems[before:]):
            self.unfilled.add(self.document.span(path))
        return Secret(whole) if secret else whole

    def _hole(self, match: re.Match[str], path: KeyPath) -> tuple[str, bool]:
        span = self._span(match[0], path)
        if match["end"] is None:
            return self._fail("L505", "'${' has no closing brace", span, "write $$ for a plain dollar sign")
        body = match["body"]
        if body.startswith("file:"):
            return self._file(body.removeprefix("file:"), span), True
        variable = _VARIABLE.fullmatch(body)
        if variable is None:
            hint = "write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${file:/path}; $$ for a plain dollar sign"
            return self._fail("L505", f"'{match[0]}' is not a variable", span, hint)
        name, how, rest = variable["name"], variable["how"], variable["rest"] or ""
        value = self.variables.get(name)
        if how == ":-" and not value:
            value = rest
        if value is None or (how == ":?" and not value):
            return self._fail("L502", *self._unset(name, rest if how == ":?" else "", span))
        return value, is_secret_name(name)

    def _unset(self, name: str, message: str, span: Span) -> tuple[str, Span, str]:
        said = f": {message}" if message else ""
        hint = guess(name, self.variables) or f"set it, put it into .env, or give a default: ${{{name}:-…}}"
        return f"variable '{name}' is not set{said}", span, hint

    def _file(self, name: str, span: Span) -> str:
        path = self.folder / name
        try:
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode):
                return self._fail("L504", f"secret file '{name}' is not a file", span)[0]
            with path.open("rb") as stream:
                content = stream.read(_MOST_BYTES + 1)
            text = content.decode()
        except (OSError, UnicodeDecodeError, ValueError) as error:
            return self._fail("L504", f"secret file '{name}' cannot be read: {_reason(error)}", span)[0]
        if len(content) > _MOST_BYTES:
            return self._fail("L504", f"secret file '{name}' has more than {_MOST_BYTES} bytes", span)[0]
        if mode & 0o022:
            message = f"secret file '{name}' may be written by others"
            self.problems.append(Problem("L507", message, span, f"chmod go-w {name}", Severity.WARNING))
        return text.removesuffix("\n").removesuffix("\r")

    def _fail(self, code: str, message: str, span: Span, hint: str = "") -> tuple[str, bool]:
        self.problems.append(Problem(code, message, span, hint))
        return "", False

    def _span(self, hole: str, path: KeyPath) -> Span:
        span = self.document.span(path)
        line = self.document.line(span.line)
        column = line.find(hole, span.column - 1)
        return Span(span.file, span.line, column + 1, len(hole)) if column >= 0 else span


def _is_prompt(path: KeyPath) -> bool:
    return len(path) == 3 and path[0] == "agents" and path[2] == "prompt"
