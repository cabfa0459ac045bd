"""Secrets of a plan, in the clear for the one place that needs them."""

from collections.abc import Mapping

from lictor.runtime.definition.plan import Secret


def revealed(values: Mapping[str, str | Secret]) -> dict[str, str]:
    """Return the values as they are sent."""
    return {name: value.value if isinstance(value, Secret) else value for name, value in values.items()}
