"""Whether a newer article gives another figure for what an older one says: the story was updated.

"162 orang meninggal" on Monday and "271 orang meninggal" on Wednesday both answer how many died. The newer
one does so today; the older one is what was known before. Where the latest is asked for ("juara terbaru"),
or what is the most ("gedung tertinggi"), another name is an update too.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from itertools import product

from service.opposites import CHANGES
from service.periods import asks_latest
from service.qualifiers import asks_extreme, is_extreme
from service.questions import AnswerKind, Question
from service.records import Candidate
from service.signals import SIGNALS, Reference
from service.spans import Span
from service.terms import STOPWORDS, fold, stem, tokens
from service.values import read_clocks, read_dates, read_numbers, sums, with_rounding

FIGURES: frozenset[AnswerKind] = frozenset({"quantity", "time"})
"""What questions ask for whose answers are updated."""
_NAMED: frozenset[AnswerKind] = frozenset({"person", "place", "thing"})
"""What may be the most of its kind."""
_SAME_SUBJECT = 0.5
"""Share of the shorter sentence's words, figures apart, that the other must have."""
_LEAST_WORDS = 3
_DAY = len("2024-03-04")
_NAMES = SIGNALS.index("names_covered")
_CHANGE = re.compile(
    rf"\b(?:{'|'.join(CHANGES)}|up|down)"
    r"(?: (?:sebesar|sebanyak|sekitar|hampir|lebih dari|by|about|nearly|almost))?"
    r"(?:\s+(?:rp\.?|us\$|[$€£]))?\s*$"
)
"""Of a change, "naik Rp 350 ribu", and not of what it came to, "naik menjadi Rp 5 juta"."""
_COUNTED = {
    "dead": "tewas menewaskan meninggal wafat gugur killed kills kill dead died deaths fatalities",
    "hurt": "luka luka-luka terluka melukai cedera injured injures injuring wounded hurt",
    "missing": "hilang missing",
    "away": "mengungsi pengungsi dievakuasi displaced evacuated evacuees",
    "alive": "selamat diselamatkan survived survivors rescued",
    "heard": "saksi diperiksa memeriksa witness witnesses questioned",
    "suspected": "tersangka ditangkap menangkap ditahan suspect suspects arrested detained",
}
"""Words for whom an article counts. One count is no news of another."""
_GROUP_OF = {word: group for group, words in _COUNTED.items() for word in words.split()}
_REACH_CHARS = 40
_CLAUSE = re.compile(r"[,;:.]\s|\b(?:dan|serta|sementara|sedangkan|and|while)\b|\d")
_BEFORE = re.compile(
    r"\b(?:awal(?:nya)?|semula|mula-mula|sebelumnya|tadinya|pertama kali|initial(?:ly)?|original(?:ly)?"
    r"|at first|earlier|previous(?:ly)?|first report(?:ed|s)?)\b"
)


def supersedes(
    asked: Question, newer: Reference, newer_answer: Span | None, older: Reference, older_answer: Span | None
) -> bool:
    """Whether one sentence answers with another figure or date than an earlier article's on the same subject,
    or with another name where the latest is asked for. One that rounds the earlier figure doesn't. The
    answers are spans in the articles."""
    return (
        could_supersede(asked, newer, older)
        and _differ(
            _text(newer, newer_answer, asked.kind), _text(older, older_answer, asked.kind), asked.kind
        )
        and (asked.kind != "quantity" or _measures_the_same(newer, newer_answer, older, older_answer))
        and (asked.kind in FIGURES or _same_subject(newer, older, newer_answer, older_answer))
    )


def could_supersede(asked: Question, newer: Reference, older: Reference) -> bool:
    """Whether it does if its answer is another.

    Never for a question about what was said at first or on a date, nor where the newer sentence lacks a name
    or year of the question that the older one has.
    """
    return (
        _asks_for_updates(asked)
        and newer.candidate.passage.article_id != older.candidate.passage.article_id
        and newer.language == older.language
        and _is_later(first_published(newer.candidate), first_published(older.candidate))
        and newer.signals[_NAMES] >= older.signals[_NAMES]
        and (_same_subject(newer, older) if asked.kind in FIGURES else _both_hold(asked, newer, older))
    )


@lru_cache(maxsize=256)
def _asks_for_updates(asked: Question) -> bool:
    """Kept, for it is asked of every two sentences that are compared."""
    names_most = asked.kind in _NAMED and asks_extreme(asked)
    if asked.kind not in FIGURES and not asks_latest(asked.text) and not names_most:
        return False
    return not (_BEFORE.search(fold(asked.text)) or read_dates(asked.text))


def first_published(candidate: Candidate) -> str:
    """When a story was first printed, by this article or by a copy of it (ISO 8601, with the time where it is
    known); empty where the day isn't known either."""
    times = [article.published for article in (candidate.article, *(c.article for c in candidate.copies))]
    return min((time for time in times if time), key=moment, default="")


def moment(published: str) -> datetime:
    """The point in time of an ISO 8601 date or date-time, to find the earliest or latest by. One without a
    zone is in UTC, a day is its beginning, and what has no date ("") is before everything else."""
    found = datetime.fromisoformat(published or "0001-01-01")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _is_later(one: str, other: str) -> bool:
    """By the hour where both have one, else by the day as it was printed."""
    if len(one) > _DAY and len(other) > _DAY:
        return moment(one) > moment(other)
    return one[:_DAY] > other[:_DAY] > ""


def _both_hold(asked: Question, one: Reference, other: Reference) -> bool:
    """Whether both sentences have some words in common, and tell what is the most where that is asked for."""
    if len((one.words & other.words) - STOPWORDS) < _LEAST_WORDS:
        return False
    end = asks_extreme(asked)
    return end is None or (is_extreme(end, one.text) and is_extreme(end, other.text))


def _same_subject(
    one: Reference, other: Reference, answer: Span | None = None, other_answer: Span | None = None
) -> bool:
    """Whether enough of the words are the same, apart from figures, and from what is in one answer alone
    where those are given."""
    ours, theirs = (
        {w for w in r.words if w not in STOPWORDS and not any(c.isdigit() for c in w)} for r in (one, other)
    )
    common = ours & theirs
    fewest = min(
        max(len(words - (_stems(reference, span) - common)), len(words) / 2)
        for words, reference, span in ((ours, one, answer), (theirs, other, other_answer))
    )
    return len(common) >= max(_LEAST_WORDS, _SAME_SUBJECT * fewest)


def _stems(reference: Reference, span: Span | None) -> set[str]:
    said = reference.candidate.passage.slice(*span) if span else ""
    return {stem(word, reference.language) for word in tokens(said)}


def _text(reference: Reference, span: Span | None, kind: AnswerKind) -> str:
    """The answer; of a figure with the words beside it that say that it is rounded."""
    if span is None:
        return ""
    passage = reference.candidate.passage
    if kind not in FIGURES:
        return passage.slice(*span)
    first, sentence = passage.window_start, reference.sentence
    around = passage.slice(first, max(span[1], sentence.end))
    start, end = with_rounding(around, span[0] - first, span[1] - first)
    return around[start:end]


def _measures_the_same(one: Reference, span: Span | None, other: Reference, other_span: Span | None) -> bool:
    """Whether two figures may tell the same thing: both a change or both a level, and not counts of people
    who fared otherwise."""
    if span is None or other_span is None:
        return True
    ours, theirs = _around(one, span), _around(other, other_span)
    if bool(_CHANGE.search(ours[0])) != bool(_CHANGE.search(theirs[0])):
        return False
    groups, others = _groups(*ours), _groups(*theirs)
    return not groups or not others or bool(groups & others)


def _around(reference: Reference, span: Span) -> tuple[str, str]:
    """What stands before and behind the answer in its sentence, folded."""
    passage, sentence = reference.candidate.passage, reference.sentence
    before = passage.slice(max(sentence.start, span[0] - _REACH_CHARS), max(span[0], sentence.start))
    behind = passage.slice(min(span[1], sentence.end), min(span[1] + _REACH_CHARS, sentence.end))
    return fold(before), fold(behind)


def _groups(before: str, behind: str) -> set[str]:
    """Whom a figure counts, by the words behind it in its clause, else by those before it."""
    for clause in (_CLAUSE.split(behind)[0], _CLAUSE.split(before)[-1]):
        if found := {_GROUP_OF[word] for word in re.findall(r"[\w-]+", clause) if word in _GROUP_OF}:
            return found
    return set()


def _differ(newer: str, older: str, kind: AnswerKind) -> bool:
    """Whether both have a value of the kind that is asked for, and none of the newer text's is one of the
    older's, rounded or not; or both are names, and neither is part of the other."""
    if kind not in FIGURES:
        now_named, named_before = fold(newer), fold(older)
        return bool(newer and older) and now_named not in named_before and named_before not in now_named
    if kind == "time" and (ours := read_dates(newer)) and (theirs := read_dates(older)):
        return not any(a.agrees(b) for a in ours for b in theirs)
    if kind == "time" and (hours := read_clocks(newer)) and (earlier := read_clocks(older)):
        return not any(a.agrees(b) for a in hours for b in earlier)
    now, before = read_numbers(newer), read_numbers(older)
    now, before = [*now, *sums(newer, now)], [*before, *sums(older, before)]
    both = list(product(now, before))
    return bool(both) and all(a.measures_like(b) and not a.is_told_by(b) for a, b in both)
