"""The words of texts, as they are counted, and texts as pictures can hold them."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

#: What XML cannot hold (half characters, signs to steer machines), and what ends a line in a script.
_NO_TEXT = re.compile("[^\t\n\r\x20-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Characters of a text that are looked at.
_MOST = 100_000

#: English words that say nothing of what a text is about.
_ENGLISH = """
    a about after again all also although am an and any are as at be because been before being both but by
    can could did do does doing don't each even ever few for from had has have having he her here hers him his
    how however i i'd i'm i've if in into is it it's its itself just like me more most much my no nor not now
    of off on once one only or other our ours out over own per rather really same she should so some such than
    that that's the their theirs them then there these they this those though through to too under until up
    upon us very was we were what when where which while who whom whose why will with would you your yours
"""
_COMMON = frozenset(_ENGLISH.split())


def words_of(text: str) -> set[str]:
    """The different words of a text in small letters, without those that every English text has.

    Example:
        >>> sorted(words_of("The tea, and the Tea-time!"))
        ['tea', 'tea-time']
    """
    found = (word.group().casefold().replace("’", "'") for word in _WORD.finditer(text[:_MOST]))
    return {word for word in found if word not in _COMMON and len(word) > 1}


def legible(text: str) -> str:
    """The text with a sign of replacement for each character that no picture can hold.

    Example:
        >>> legible("one\\x00two")
        'one\ufffdtwo'
    """
    return _NO_TEXT.sub("\ufffd", text)
