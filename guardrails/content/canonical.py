"""The canonical text: what a reader would see, however it was spelled. Bounded in time and in length."""

import re
import unicodedata
from typing import Final

_SILENCED: Final = re.compile(
    r"(?i)(?:gitleaks|betterleaks|trufflehog)\s*:\s*(?:allow|ignore)|pragma:\s*allowlist\s+secret"
)
"""Comments that tell secret scanners to look away: whoever writes a message may not silence its guards."""
_SILENCERS: Final = ("leaks", "trufflehog", "allowlist")
_PLAIN: Final = re.compile(
    "[\t\n\r -~\xa1-\xa7\xa9\xab\xac\xae\xb0\xb1\xb6\xb7\xbb\xbf-\u0131"
    "\u2010\u2012-\u2016\u2018-\u2023\u2030\u2039\u203a\u20ac\u2190-\u21ff\u2200-\u222b\u2260-\u22ff\u2500-\u25ff"
    "\u2600-\u27bf\u3001-\u3020\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3\U0001f300-\U0001faff]*+"
)
"""Text that is canonical as it stands: ASCII, letters of most European languages, kana, han, hangul, common signs."""
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0100-\U000e01ef]"
)
"""Controls, zero-width and bidirectional signs, fillers and variation selectors: nobody sees them."""
_TAGS: Final = re.compile("[\U000e0000-\U000e007f]")
_MARKS: Final = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2,}")
"""Stacked accents; a single one is part of writing."""
_FOREIGN: Final = re.compile(
    "[\u0262-\u029f\u0370-\u03ff\u0400-\u052f\u0531-\u0587\u13a0-\u13ff\u1d00-\u1d7f\ua4d0-\ua4ff\ua731]"
)
_ALIKE: Final = (
    "AАΑᴀꓮ BВΒʙꓐ CСᴄꓚ DᎠᴅꓓ EЕΕᴇꓰ GԌɢꓖ HНΗʜꓧ IІΙӀɪꓲ JЈᴊꓙ KКΚᴋꓗ LᏞʟꓡ MМΜᴍꓟ NΝɴꓠ OОΟᴏꓳ PРΡᴘꓑ QԚ RᎡʀꓣ SЅꜱꓢ "
    "TТΤᴛꓔ UԱᴜꓴ VᏙᴠꓦ WԜᴡꓪ XХΧꓫ YҮΥꓬ ZᏃΖᴢꓜ aаα cсϲ dԁ eеε gց hһհ iіι jјϳ kкκ lӏ mм nпηո oоοσօ pрρ qԛ rгᴦ sѕ "
    "tтτ uυս vνѵ wԝω xхχ yуγү zᴢ bЬ"
)
_LOOKS: Final = {ord(other): group[0] for group in _ALIKE.split() for other in group[1:]}
"""Letters of other scripts that look Latin; after Unicode's confusables, as far as agents could read them as Latin."""
_WORD: Final = re.compile(
    r"(?<!\w)(?![A-Za-z0-9_]++(?!\w))(?:[A-Za-z0-9_"
    + "".join(map(chr, _LOOKS))
    + r"]++(?!\w)|[^\WA-Za-z]*+[A-Za-z]\w*+)"
)
"""Words of look-alikes alone, and words that mix them with Latin letters; honest words are passed over."""
_MOST_FOLDED: Final = 40_000
_GROWTH: Final = 65_536
_STEP: Final = 8_192


class TooCostly(Exception):
    """Raised for a text that would take too long to read: it grows under NFKC, or is look-alikes throughout."""


def canonicalise(text: str) -> str:
    """Return the text in NFKC without what is not seen, look-alike letters folded, orders to scanners removed.

    Tag characters become the ASCII that they spell: they are read by models though nobody sees them.
    Raises TooCostly for a text that was made to take long.
    """
    text = text.replace("\u2026", "...").replace("\xa0", " ")  # by far the most frequent
    if _PLAIN.fullmatch(text) is None:
        text = _TAGS.sub(lambda found: chr(ord(found[0]) & 0x7F), text)
        text = _HIDDEN.sub("", text)
        if not unicodedata.is_normalized("NFKC", text):
            text = _HIDDEN.sub("", _normalise(text))
        text = _MARKS.sub("", text)
        if _FOREIGN.search(text) is not None:
            text, folded = _WORD.subn(_fold, text, count=_MOST_FOLDED)
            if folded >= _MOST_FOLDED:
                raise TooCostly(f"more than {_MOST_FOLDED} of its words are written in look-alike letters")
    return unsilence(text)


def _normalise(text: str) -> str:
    size = 0
    for start in range(0, len(text), _STEP):
        size += len(unicodedata.normalize("NFKC", text[start : start + _STEP]))
        if size > len(text) + _GROWTH:
            raise TooCostly("its letters stand for many more")
    return unicodedata.normalize("NFKC", text)


def unsilence(text: str) -> str:
    """Return the text without the comments that tell scanners to look away."""
    lowered = text.lower()
    if any(word in lowered for word in _SILENCERS):
        return _SILENCED.sub(" ", text)
    return text


def _fold(found: re.Match[str]) -> str:
    """Fold a word that mixes scripts, or that is written in look-alikes alone; honest Russian stays Russian."""
    word = found[0]
    if word.isascii() or _FOREIGN.search(word) is None:
        return word
    folded = word.translate(_LOOKS)
    mixed = any(letter.isascii() and letter.isalpha() for letter in word)
    return folded if mixed or folded.isascii() else word
