"""Answers that are said in a sentence: only where the sentence can mean nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edsl_nb.questions.reading.forms import doubtful
from edsl_nb.questions.reading.names import Match, Names, fold, words

#: Longer sentences are essays.
_LONGEST = 300

#: Words that announce an answer, folded.
_LEAD = re.compile(
    r"""
    (?:(?:well|ok|okay|so|sure|personally|honestly|in\ my\ opinion)[,:.!]?\ )?
    (?:
        i(?:'d|\ would|'ll|\ will)?\ (?:have\ to\ )?(?:definitely\ |certainly\ )?
        (?: say | choose | chose | pick | select | answer | go\ with | opt\ for | vote\ for | prefer
          | give\ (?:it|this|that) | rate\ (?:it|this|that)(?:\ as)? )
      | i(?:'m|\ am)\ (?:choosing|picking|selecting|going\ with)
      | (?:my|the)\ (?:final\ |best\ |correct\ )?
        (?:answer|choice|selection|response|rating|score|preference)\ (?:is|would\ be)
    )
    :?\ (?:that\ )?
    """,
    re.VERBOSE,
)

_ARTICLE = re.compile(r"(?:(?:the\ )?(?:option|number|code)|an?|the)\ ")

#: What may come after an answer: the end, or a clause that goes on about it.
_REASON = re.compile(
    r"[.!]?"
    r"|(?:[.!,;]|\ -)?\ (?:because|since|as\ (?:i|it|my|this|that|the))\ [^?]+"
    r"|(?:[.!,;]|\ -)\ (?:i|it|it's|i'm|i'd|i've|my|this|that|these)\ [^?]+"
    r"|[,.!]\ (?:absolutely|definitely|certainly|of\ course|please|very\ much|thank\ you|thanks)[.!]?"
)

#: What "No" may be followed by: an echo of itself.
_ECHO = re.compile(
    r"[,.]\ (?:i|it|it's|i'm)(?:\ (?:do|am|is|was|did|would|have|has|will))?(?:\ not|n't)[.!]?"
)
_MARKS = "*_`\"'"


def in_sentence(text: str, names: Names) -> Iterator[Match]:
    """The option that a sentence gives as the answer.

    A sentence is one line which starts with the option (``Blue, because ...``) or
    with words that announce it (``I would say``), and ends with it or goes on
    with a reason, in which no other option, word of doubt or negation, question,
    or, where numbers or codes are meant, digit occurs.
    """
    if len(text) > _LONGEST or " " not in text or "\n" in text:
        return
    folded = fold(text)
    lead = _LEAD.match(folded)
    starts = [0, lead.end()] if lead else [0]
    article = _ARTICLE.match(folded, starts[-1])
    if lead and article:
        starts.append(article.end())
    for start in starts:
        said = folded[start:].lstrip(_MARKS)
        for name, matches in names.folded.items():
            if said.startswith(name):
                tail = said[len(name) :].lstrip(_MARKS)
                if (start or len(tail) > 1) and _ends_well(tail, name, names):
                    yield from (match._replace(rule="sentence") for match in matches)


def _ends_well(tail: str, name: str, names: Names) -> bool:
    if name == "no" and _ECHO.fullmatch(tail):
        return True
    if (
        not _REASON.fullmatch(tail)
        or doubtful(tail)
        or (_is_code(name, names) and any(map(str.isdigit, tail)))
    ):
        return False
    said = words(tail)
    return not said or not any(
        spoken in said for other, spoken in names.spoken.items() if spoken and other != name
    )


def _is_code(name: str, names: Names) -> bool:
    return names.codes is not None or any(map(str.isdigit, name))
