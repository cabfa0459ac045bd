"""Made-up examples: attack families and hard benign texts, put together by chance from `phrases`."""

import random
import re
from typing import Final

from injection.phrases import ATTACKS, BENIGN, LISTS

_SLOT: Final = re.compile(r"\{(\w+)\}")
_SPACES: Final = re.compile(r"  +")


def make_examples(count: int, seed: int = 7) -> list[tuple[str, int]]:
    """Return `count` attacks and as many benign texts, with their labels; the same for the same seed."""
    dice = random.Random(seed)
    examples: list[tuple[str, int]] = []
    for _ in range(count):
        examples.append((_attack(dice), 1))
        examples.append((_style(_fill(dice.choice(BENIGN), dice), dice), 0))
    return examples


def _attack(dice: random.Random) -> str:
    core = _fill(f"{dice.choice(LISTS['lead'])} {dice.choice(ATTACKS)}. {dice.choice(LISTS['why'])}", dice)
    core = _style(core, dice)
    if dice.random() < 0.45:
        return core
    carrier = _fill(dice.choice(BENIGN[5:10]), dice)
    cut = dice.choice((0, 0, len(carrier), len(carrier), carrier.find(". ") + 2))
    return dice.choice((" ", "\n")).join((carrier[:cut], core, carrier[cut:])).strip()


def _fill(text: str, dice: random.Random) -> str:
    for _ in range(4):
        text = _SLOT.sub(lambda slot: dice.choice(LISTS[slot[1]]) if slot[1] in LISTS else slot[0], text)
    return _SPACES.sub(" ", text).strip()


def _style(text: str, dice: random.Random) -> str:
    draw = dice.random()
    if draw < 0.06:
        return text.upper()
    if draw < 0.25:
        return text.lower()
    return text[:1].upper() + text[1:]
