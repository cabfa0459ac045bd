"""A noun as a command: `lictor tasks` alone lists, and so does everything that names none of its verbs."""

from typing import Any, Final

from typer.core import TyperGroup

HINT: Final = "Without a verb it lists"


class Noun(TyperGroup):
    """A group whose verb `list` may be left out."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 -- typer hides click's Context
        """Put `list` in front where no verb is given; not where a shell asks how the line could go on."""
        first = args[0] if args else ""
        if not ctx.resilient_parsing and first not in self.commands and first not in {"--help", "-h"}:
            args = ["list", *args]
        return super().parse_args(ctx, args)
