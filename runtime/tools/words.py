"""Words of English that say little about what a question is about."""

from typing import Final

_STOP_WORDS: Final = """
    a about after again all am an and any are as at be because been before being both but by can could d did do
    does doing during each few for from get gets getting got had has have having he her here hers him his how i
    if in into is it its itself just ll m may me might mine more most much must my need no nor not of off on or
    other our ours out over please re s same shall she should so some such t than thank thanks that the their
    theirs them then there these they this those through to too under until up us ve very want wants was we were
    what when where whether which while who whom whose why will with would you your yours
"""
_COMMON_WORDS: Final = """
    able across ago allow almost already also although always another anybody anyone anything around away begin
    best better between big bring call came cannot cause certain come different done easy else end enough even
    ever every everybody everyone everything fact far find first give given go goes going gone good great happen
    happened help hold however keep kind know last later least leave left less like little long look lot made
    make makes many mean means near never new next nothing now often once one only onto own part people perhaps
    place point possible problem put question quite rather really right run said say see seem set several show
    since small somebody someone something sometimes soon sort still stuff sure take taken takes tell thing
    things think three time today together tomorrow took tried tries try two type understand use used usually
    way well went whole without work works worth wrong yes yesterday yet
"""

STOP: Final = frozenset(_STOP_WORDS.split())
"""Not looked for at all."""
COMMON: Final = frozenset(_COMMON_WORDS.split())
"""Looked for, but counting less."""
