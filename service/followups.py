"""A question that leans on the ones before it → a question that can be searched alone.

"Umur berapa dia waktu itu?" after "Siapa yang menemukan Pluto?" and its answer becomes "Umur berapa Clyde
Tombaugh waktu itu? (menemukan Pluto)": a pronoun gives way to the name that it stands for, "What about X?"
becomes the last question with X in it, and the last topic is carried over in brackets. A pronoun for what
the question names itself is left alone, and where that is in doubt, as in "Why did Trump criticise his
decision?", no name takes its place and the brackets hold what it may stand for. Rules in the open rather than
a model: what was carried can be read off `searched`, and words too many cost a search little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.mentions import (
    DATE,
    NAME,
    OFFICES,
    QUESTION_WORD,
    STATEMENT,
    TITLE,
    abbreviates,
    find_names,
    find_times,
    is_time,
    opens,
    other_words,
    split_office,
    without_abbreviations,
)
from service.periods import relative_phrases, without_relative
from service.pronouns import (
    ACTIVE,
    AUXILIARY,
    Antecedent,
    antecedents,
    find_condition,
    find_pronoun,
    replace_pronoun,
    stands_for,
)
from service.questions import understand
from service.terms import STOPWORDS, fold, tokens

_OPENING = re.compile(
    r"\W*(?:(?:lalu(?! lintas)|terus|trus|kemudian|nah|dan|oke|ok|and|so|then|but|tapi|kalau (?:be)?gitu)\b"
    r"[\s,]*)+",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(
    r"\W*(?:(?P<surely>(?:bagaimana|gimana) (?:halnya )?(?:dengan|soal)|(?:what|how) about)"
    r"|(?P<if>(?:(?:bagaimana|gimana) )?kalau)|bagaimana|gimana)\s+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(.*\S)\s+(?:bagaimana|gimana|sendiri|saja)", re.IGNORECASE | re.DOTALL)
_ASKS = re.compile(rf"\b{QUESTION_WORD}\W+\w", re.IGNORECASE)
"""A question word with words after it: "Kalau hujan, apa dampaknya?", not "Kalau Jepang siapa?"."""
_SAID = re.compile(
    r"\b(?:(?<!apa )(?<!apakah )(?<!siapa )(?<!siapakah )itu|itu(?=\W*$)|tersebut)\b", re.IGNORECASE
)
_ORDINAL = "(?:pertama|kedua|ketiga|keempat|kelima)"
# Verbs that a clause with "that" doesn't follow, as it does "said" and "found".
_DID_TO = (
    r"caus(?:es?|ed)|trigger(?:s|ed)?|w[io]n|los[et]|scored?|buil[dt]|hit|struck|start(?:ed)?|beg[iau]n|le[a]?d"
    r"|ma[dk]e|wrote|write|bought|buy|sold|sell|own(?:s|ed)?|opened|closed|ended|attacked|survived?|followed"
    r"|designed?|invented|broke|killed"
)
# "That" also opens a clause, "there" says that something is, "one" counts, "the second" has a noun after it,
# "this year" is told from today.
_POINTING = re.compile(
    r"\b(?:di ?sana|di ?situ|there(?=\W*$)"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )(?<!has )(?<!have )(?<!will )(?<!should )"
    rf"there(?!['’]s|\s+(?:{AUXILIARY})\b)"
    r"|berapa (?:\w+ )?di ?antaranya|(?:tell|say|explain|know|anything) (?:me |us )?more(?=\W*$)"
    r"|lebih (?:lanjut|rinci|detail|jauh)(?=\W*$)"
    r"|tadi(?! (?:malam|pagi|siang|sore)\b)|(?:setelah|sebelum)(?:nya)?(?=\W*$)"
    r"|(?:kapan|berapa|bagaimana|apakah|kalau|dengan|dari|daripada|untuk|soal|atau|dan)"
    rf" yang {_ORDINAL}(?! kali\b)"
    rf"|{QUESTION_WORD} yang {_ORDINAL}(?=\W*$)|(?<!\w )yang {_ORDINAL}(?=\W*$|\s+{QUESTION_WORD}\b)"
    r"|(?:after|before|since|during|until|by|at|in|on|of|for|from|to|with|about|like|than|why|how|when"
    rf"|{AUXILIARY}|{_DID_TO}) that(?! of\b)|that(?=\W*$)"
    r"|that (?:day|night|morning|afternoon|evening|weekend|week|month|year|season|decade|time|moment)"
    r"|the one (?:in|of|at|on|from|near)"
    r"|this(?! (?:morning|afternoon|evening|weekend|week|month|year|season|quarter|decade|century|time"
    r"|spring|summer|autumn|fall|winter)\b)|these(?! days\b)"
    r"|those(?!\s+(?:who|whose|which|that|in|at|on|of|from|with|without|hurt|\w+(?:ed|en|ing))\b)"
    r"|(?:by|since|until|till|from|back|before) then|then(?=\W*$)"
    r"|(?:other|another|first|second|third|last|next) ones?|which ones?\b(?![^?]*,)"
    r"|(?:the|an?|which|newer|older) (?:(?-i:[a-z]+) )?ones?(?=\W*$)"
    rf"|(?:the (?:two|three|first|second|third)|both)(?=\W*$|\s+(?:or|of them|{AUXILIARY})\b))\b",
    re.IGNORECASE,
)
# Asks who or what, but not to define a thing: "Apakah ada korban?", "What was the magnitude?". Not
# "Siapa yang menemukan penisilin?", nor "Siapa" and one word, which may be a name in lower case.
_OF_THE_TOPIC = re.compile(
    r"\W*(?:apakah(?! itu\b| yang (?:di\s?maksud|disebut)\b)|what (?:was|were)\b"
    rf"|siapa(?:kah)? yang (?!{ACTIVE} \w)|(?-i:Siapa(?:kah)?) (?!itu\b|yang\b)\w+ \w"
    r"|(?:what|who) (?:is|are) the\b(?! \w+ of\b)"
    r"|who (?:is|are|was|were) (?:the\b(?! \w+ of\b)|(?:hurt|there|\w+(?:ed|en|ible))\b))",
    re.IGNORECASE,
)
# One word tells little, and its capital is the question's: "Sejak kapan?", "Naik atau turun?".
_FRAGMENT = re.compile(
    r"\W*+(?:\w++(?:\s+(?:atau|or)\s+(?-i:[a-z])\w*+)?)?\s*+"
    r"(?:\b(?:apa|berapa|kapan|bagaimana|gimana|when|how|why)(?:kah)?)?\W*+",
    re.IGNORECASE,
)
_OFFICE = re.compile(rf"\b(?:{OFFICES})\b", re.IGNORECASE)
_MEASURES = re.compile(r"\bberapa(?:kah)?\s+$", re.IGNORECASE)
_ABBREVIATED = re.compile(r"[A-Z]{2,}\b\s*")
_OWNED = re.compile(r"['’]s?\s")
_YEAR = re.compile(r"\s+(?:1[5-9]|20)\d\d$")
_ARTICLES = frozenset({"the", "a", "an"})
_REACTION = re.compile(
    rf"\W*(?:apa|bagaimana|gimana)(?:kah)?\s+(?:{STATEMENT})\s+{TITLE}(?-i:{NAME.pattern})\W*"
    r"|\W*how (?:did|has|have|does|do) .*\b(?:react|respond)(?:ed)?\W*",
    re.IGNORECASE,
)
"""It doesn't say what to: "Bagaimana respons BNPB?"."""
_FEW_WORDS = 3
_NOUN_WORDS = 2
"""Words before the name that takes another's place: "ketua KPK", "mayor of London"."""
_TOPIC_WORDS = 10
_BESIDE_THE_POINT = frozenset({"gimana", "sekarang", "kini", "now"})
_LONGEST_TURN = 500
"""Characters of an earlier question: ten words and the first names are carried over."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and its answer."""

    question: str
    answer: str


class _About(NamedTuple):
    """What a question with "what about" is about, and whether that may take a place in the one before."""

    what: str
    exchanges: bool


def stand_alone(question: str, turns: Sequence[Turn]) -> str:
    """The question, made self-contained by the turns before it (oldest first); itself where it leans on
    none of them."""
    previous = ""
    names: list[Antecedent] = []
    for turn in turns:
        previous = _complete(turn.question[:_LONGEST_TURN], previous, names)
        names = antecedents(_bare(previous), turn.answer, names)
    return _complete(question, previous, names)


def leans(question: str) -> bool:
    """Whether it has a pronoun for what it may not name itself, points at something said, asks what somebody
    said without saying of what, opens as a continuation, or names nothing and defines nothing."""
    if _OPENING.match(question) or _about(question):
        return True
    if find_pronoun(question) or _points(question) or _REACTION.fullmatch(question):
        return True
    asked = understand(without_abbreviations(question))
    if is_time(question) or _FRAGMENT.fullmatch(without_relative(question)):
        return True
    words, names = (set(told) - _BESIDE_THE_POINT for told in (asked.words, asked.names))
    defines = asked.defines and not _OF_THE_TOPIC.match(question)
    return not names and not defines and len(words) <= _FEW_WORDS


def _complete(question: str, previous: str, names: Sequence[Antecedent]) -> str:
    if not previous or not leans(question):
        return question
    about = _about(question)
    if about and about.exchanges:
        return _exchanged(previous, about.what)
    if is_time(question):
        return _exchanged(previous, question.strip(" ?"))
    asked = _OPENING.sub("", question, count=1) if _OPENING.match(question) else question
    asked = asked[:1].upper() + asked[1:]
    if names and (pronoun := find_pronoun(asked)):
        if pronoun.doubtful:
            previous = f"{stands_for(pronoun.match, names)} {previous}"
        else:
            asked = replace_pronoun(pronoun.match, names)
    topic = _topic(previous, asked)
    if not topic and fold(asked) == fold(question):
        return question  # nothing was carried over
    return f"{asked} ({topic})" if topic else asked


def _about(question: str) -> _About | None:
    """What "Kalau X?", "Bagaimana X?" or "What about X?" is about; None where it is a question of its own."""
    opening = _OPENING.match(question)
    marker = _WHAT_ABOUT.match(question, opening.end() if opening else 0)
    what = question[marker.end() :].strip().rstrip(" ?.!,") if marker else ""
    if opening and not marker:
        # "Terus Bogor?"
        bare = question[opening.end() :].strip().rstrip(" ?.!,")
        return _About(bare, True) if find_names(bare) and not other_words(bare) else None
    if not marker or not what or "?" in what:
        return None
    if tail := _TAIL.fullmatch(what):
        what = tail[1].rstrip(",")
    thing = understand(what).kind == "thing"
    if marker["surely"]:
        return _About(what, thing)
    names, others = find_names(what), other_words(what)
    if marker["if"]:
        if find_condition(question[marker.start() :].lstrip()):
            return None
        # A clause goes on after its name: "Kalau Jepang menang?", "Kalau Palu berapa korbannya?"
        name = NAME.search(what) if names else None
        clause = "," in what or (name is not None and bool(other_words(what[name.start() :])))
        exchanges = thing and not clause and len(others) <= _FEW_WORDS
        return _About(what, exchanges and not _ASKS.search(what) and not find_pronoun(what))
    # "Bagaimana kondisi Aceh?" asks how Aceh is, and only "Bagaimana Aceh?" what holds there.
    return _About(what, True) if is_time(what) or (names and not others) else None


def _points(question: str) -> bool:
    """Whether it points at something said: "gempa itu", not "Gempa Aceh itu"."""
    plain = without_abbreviations(question)
    if _POINTING.search(plain):
        return True
    ends = {match.end() for match in NAME.finditer(question) if not opens(match)}
    return any(said.start() - 1 not in ends for said in _SAID.finditer(plain))


def _exchanged(previous: str, rest: str) -> str:
    """The previous question about something else: its one name or date exchanged, or the other appended."""
    earlier = _bare(previous)
    if is_time(rest):
        if dated := _redated(earlier, rest):
            return dated
        if relative_phrases(rest):
            rest = rest[:1].lower() + rest[1:]
    elif find_names(rest) and len(other_words(rest)) <= _NOUN_WORDS and (place := _place(earlier, rest)):
        return f"{_before(earlier[: place.start], rest)}{rest}{earlier[place.stop :]}"
    return f"{earlier.rstrip(' ?')} ({rest})?"


def _place(earlier: str, rest: str) -> slice | None:
    """The place of the earlier question's one name, less its office, measure and year: of "Berapa UMP DKI
    Jakarta 2026?" that of "DKI Jakarta". None where that can't be told."""
    names = find_names(earlier)
    names = [name for name in names if len(names) == 1 or split_office(name)[1]]
    found = re.search(rf"(?<!\w){re.escape(names[0])}(?!\w)", earlier) if len(names) == 1 else None
    if not found:
        return None
    name, (start, stop) = found.group(), found.span()
    if (year := _YEAR.search(name)) and not find_times(rest):
        stop -= len(year.group())
    if _OFFICE.search(rest):
        return slice(start, stop)
    if owned := _OWNED.search(name):
        return slice(start, start + owned.start())
    if _OFFICE.search(name):
        office, held_in = split_office(name)
        if understand(earlier).kind == "person" and not (office and held_in):
            return None
        return slice(start + len(office) if held_in else start, stop)
    if _MEASURES.search(earlier[:start]) and (measure := _ABBREVIATED.match(name)):
        if measure.group() != name:
            return slice(start + measure.end(), stop)
        return slice(start, stop) if _ABBREVIATED.fullmatch(rest) else None
    of = name.rfind(" of ")
    whole = of < 0 or " of " in rest or tokens(rest)[0] in _ARTICLES or _ABBREVIATED.fullmatch(rest)
    return slice(start if whole else start + of + len(" of "), stop)


def _before(said: str, rest: str) -> str:
    """What stands before the exchanged name, less what the rest says again: of "Siapa presiden" and
    "presiden Jerman" it is "Siapa", of "When did the" and "the Barito Bridge" "When did"."""
    again = next((w for w in tokens(rest) if w not in STOPWORDS), "")
    words = list(re.finditer(r"\w+", said))
    for word in reversed(words):
        if fold(word.group()) == again:
            said = said[: word.start()]
            break
    last, first = said.split()[-1:], fold(rest.split()[0])
    if last and (fold(last[0]) == first or {fold(last[0]), first} <= _ARTICLES):
        said = said[: said.rindex(last[0])]
    return said


def _redated(question: str, when: str) -> str | None:
    """The question with its one date, or "last week", exchanged; of a month alone the year stays, of a year
    alone the day and month. None where the question has no date, or several."""
    dates, others = find_times(question), find_times(when)
    if len(dates) != 1 or len(others) != 1:
        return None
    here, other = dates[0], others[0]
    part: str | int = 0  # the whole: one that is told relative to today has no parts
    if here.re is other.re is DATE:
        if other["month"] and here["month"] and not other["its_year"]:
            part = "month"
        elif other["year"] and here["its_year"]:
            part = "its_year"
    start, end = here.span(part)
    return f"{question[:start]}{other.group()}{question[end:]}"


def _topic(previous: str, asked: str) -> str:
    """The previous question's content words that the new one lacks, as they were written. "Last week" is not
    carried, for it would hide whatever was published at another time, nor a date where the new one has its
    own."""
    previous = without_relative(previous)
    shouted = previous.isupper()
    if find_times(asked):
        previous = DATE.sub(" ", previous)
    here = set(tokens(asked.replace("'s", "")))
    kept = []
    for word in re.findall(r"[\w’'.-]*\w", previous):
        folded = set(tokens(word))
        dull = frozenset[str]() if abbreviates(word, shouted) else STOPWORDS
        if folded and not folded <= (here | dull):
            kept.append(word)
            here |= folded
    return " ".join(kept[:_TOPIC_WORDS])


def _bare(question: str) -> str:
    """Without what was carried over in brackets."""
    if not question.endswith(")"):
        return question
    opened = question.find("(", question.rfind(")", 0, -1) + 1)
    return question[:opened].rstrip() if opened >= 0 else question
