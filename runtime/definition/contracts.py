"""Checks the contracts that a team's YAML names or holds; what is wrong in them is told at its place."""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lictor.runtime.definition.problem import Problem, Span
from lictor.runtime.definition.reader import Document, split_lines
from lictor.runtime.definition.reader import Path as KeyPath


def check_contract_file(path: Path, name: str, asked_at: Span) -> tuple[list[Problem], dict[str, str]]:
    """Return what is wrong with a contract in a file of its own, shown as `name`, and its text."""
    # the format's reader is loaded only for teams that have contracts
    from lictor.guardrails.contract.places import ContractError  # noqa: PLC0415
    from lictor.guardrails.contract.read import read_contract  # noqa: PLC0415

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return [Problem("L403", f"'{name}' cannot be read: {error}", asked_at)], {}
    try:
        read_contract(text, name)
    except ContractError as error:
        problems = [
            Problem("L403", f"not a contract: {mistake.message}", Span(name, mistake.line, mistake.column))
            for mistake in error.mistakes
        ]
        return problems, {name: text}
    return [], {}


def check_inline_contract(data: Mapping[str, Any], document: Document, path: KeyPath) -> list[Problem]:
    """Return what is wrong with a contract that stands in the team's own file, at `path`."""
    from lictor.guardrails.contract.places import ContractError  # noqa: PLC0415
    from lictor.guardrails.contract.read import make_contract, read_contract  # noqa: PLC0415

    key = document.span(path, key=True)
    try:
        make_contract(data, key.file, key.line)
    except ContractError as error:
        places: dict[str, Span] = {}
        marks = document.marks.get(path)
        if marks is not None and marks.value.line > key.line:  # in block style it can be read where it stands
            lines = split_lines(document.text)[marks.value.line - 1 : marks.last]
            indent = marks.value.column - 1
            try:
                read_contract(textwrap.dedent("\n".join(lines)), key.file, marks.value.line)
            except ContractError as placed:
                places = {
                    mistake.message: Span(mistake.file, mistake.line, mistake.column + indent)
                    for mistake in placed.mistakes
                }
        return [
            Problem("L403", f"not a contract: {mistake.message}", places.get(mistake.message, key))
            for mistake in error.mistakes
        ]
    return []
