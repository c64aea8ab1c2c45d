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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from service.calendar_names import MONTH_NAMES, WEEKDAYS
from service.language import detect_language
from service.periods import relative_phrases, without_relative
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
_QUESTION_WORD = (
    r"(?:(?:apa|siapa|kapan|mana|berapa|mengapa|kenapa|bagaimana)(?:kah)?|gimana|seberapa|dimana(?:kah)?)"
)
_ASKS = re.compile(rf"\b{_QUESTION_WORD}\W+\w", re.IGNORECASE)
"""A question word with words after it: "Kalau hujan, apa dampaknya?", not "Kalau Jepang siapa?"."""
# "Her" owns the medal in "her medal", and not in "gave her the medal".
_OWNS = r"(?=\s+(?!(?:the|an?|to|in|at|on|for|as)\b)\w)"
_PERSON = re.compile(rf"\b(?:ia|dia|beliau|he|she|him|her(?!{_OWNS}))\b", re.IGNORECASE)
_POSSESSIVE = re.compile(rf"\b(?:his|her|its|their)\b{_OWNS}", re.IGNORECASE)
_PLURAL = re.compile(
    r"\b(?:mereka(?: ber(?:dua|tiga))?|keduanya|ketiganya|(?:(?:the two|both|all) of )?(?:them|they))\b",
    re.IGNORECASE,
)
_THING = re.compile(  # not in "How long did it take to …?", "Is it true that …?"
    r"\b(?-i:[Ii]t)\b(?! (?:takes?|took|costs?) [^?]*\bto \w)(?! (?:rain|snow)\w*)"
    r"(?! (?:true|known|possible|necessary|likely|legal|safe|easy|hard|important) (?:to|that)\b)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\b([^\W\d_]{3,}?)nya\b", re.IGNORECASE)
_NO_SUFFIX = frozenset(
    """ha biasa umum misal akhir sebenar pu ta karena apa berapa cara kira rupa tampak agak semesti seharus
    setidak selanjut sebelum sesudah sebaik sepenuh sesungguh khusus mulanya awal ba sela satu berta nyo ada
    kali terjadi sebab memang""".split()
)
_WHO = re.compile(r"\b(?:siapa(?:kah)?|who|whom)\b", re.IGNORECASE)
_OF_THINGS = frozenset(
    """anggaran biaya harga isi kapasitas kecepatan kedalaman ketinggian lebar letak lokasi luas panjang
    pembangunan peresmian suhu tarif tiket volume area budget capacity construction cost depth height length
    location price speed temperature width""".split()
)
"""What things have and people have not, so that it is not the answer to "who" that has them."""
_AUXILIARY = "is|are|was|were|be|been|has|have|had|do|does|did|will|would|can|could|may|might|must|should"
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
    rf"there(?!['’]s|\s+(?:{_AUXILIARY})\b)"
    r"|tadi(?! (?:malam|pagi|siang|sore)\b)|(?:setelah|sebelum)(?:nya)?(?=\W*$)"
    r"|(?:kapan|berapa|bagaimana|apakah|kalau|dengan|dari|daripada|untuk|soal|atau|dan)"
    rf" yang {_ORDINAL}(?! kali\b)"
    rf"|{_QUESTION_WORD} yang {_ORDINAL}(?=\W*$)|(?<!\w )yang {_ORDINAL}(?=\W*$|\s+{_QUESTION_WORD}\b)"
    r"|(?:after|before|since|during|until|by|at|in|on|of|for|from|to|with|about|like|than|why|how|when"
    rf"|{_AUXILIARY}|{_DID_TO}) that(?! of\b)|that(?=\W*$)"
    r"|that (?:day|night|morning|afternoon|evening|weekend|week|month|year|season|decade|time|moment)"
    r"|the one (?:in|of|at|on|from|near)"
    r"|this(?! (?:morning|afternoon|evening|weekend|week|month|year|season|quarter|decade|century|time"
    r"|spring|summer|autumn|fall|winter)\b)|these(?! days\b)"
    r"|those(?!\s+(?:who|whose|which|that|in|at|on|of|from|with|without|hurt|\w+(?:ed|en|ing))\b)"
    r"|(?:by|since|until|till|from|back|before) then|then(?=\W*$)"
    r"|(?:other|another|first|second|third|last|next) ones?|which ones?\b(?![^?]*,)"
    r"|(?:the|an?|which|newer|older) (?:(?-i:[a-z]+) )?ones?(?=\W*$)"
    rf"|(?:the (?:two|three|first|second|third)|both)(?=\W*$|\s+(?:or|of them|{_AUXILIARY})\b))\b",
    re.IGNORECASE,
)
_WORD = r"(?:(?:[A-Z]\.)+(?!\w)|[A-Z][\w’'.-]*\w|[A-Z])"
_NAME = re.compile(rf"\b{_WORD}(?:\s+(?:(?:of|the|van|de|bin|binti|al)\s+)?(?:{_WORD}|\d+))*")
_CAPITALISED_ANYWAY = STOPWORDS | frozenset(
    {"lalu", "dan", "and", "kalau", "bagaimana", "menurut", "sejak", "lebih"}
)
_CALENDAR = WEEKDAYS.keys() | MONTH_NAMES.keys()
_DATE_UNITS = frozenset("tanggal bulan tahun month year".split())
_MONTH = "|".join(sorted(MONTH_NAMES.keys() - {"mei", "may"})) + "|(?-i:Mei|May)"
_DATE = re.compile(
    rf"\b(?:(?P<month>(?:\d{{1,2}}\s+)?(?:{_MONTH})(?:\s+\d{{1,2}}\b,?)?)(?:\s+(?P<its_year>\d{{4}}))?"
    r"|(?P<year>(?:1[5-9]|20)\d\d))\b",
    re.IGNORECASE,
)
_ARTICLES = frozenset({"the", "a", "an"})
_ABBREVIATION = re.compile(r"\b(?!APA\b|MANA\b)[A-Z]{2,4}\b")  # a longer word may be in capitals for stress
_STATEMENT = "kata|tanggapan|respons?|reaksi|komentar|pendapat|sikap|pernyataan|penjelasan"
# Before a speaker's name: "menteri keuangan".
_TITLE = r"(?:(?!(?:soal|tentang|mengenai|terhadap|atas|pada|di|dari|untuk)\b)(?-i:[a-z]+)\s+){0,2}"
# A name after these is of a place or of who speaks; the news is of something else.
_ASIDE = re.compile(
    rf"\b(?:(?:di|ke|dari|in|at|to|from|near)\s+|(?:{_STATEMENT}|menurut|according to)\s+{_TITLE})$",
    re.IGNORECASE,
)
_ASIDE_LENGTH = 60
"""Characters before the name that are looked at."""
_REACTION = re.compile(
    rf"\W*(?:apa|bagaimana|gimana)(?:kah)?\s+(?:{_STATEMENT})\s+{_TITLE}(?-i:{_NAME.pattern})\W*"
    r"|\W*how (?:did|has|have|does|do) .*\b(?:react|respond)(?:ed)?\W*",
    re.IGNORECASE,
)
"""It doesn't say what to: "Bagaimana respons BNPB?"."""
# What has an office is no "he" and no "it": "Siapa presiden Amerika saat dia lahir?"
_OFFICE = re.compile(
    r"\b(?:siapa(?:kah)?|who)\b.*\b(?:(?:wa)?pres(?:iden)?|menteri|gubernur|bupati|wali ?kota|raja|ratu"
    r"|kaisar|sultan|paus|ketua|kepala|direktur|dirut|ceo|panglima|kapolri|pelatih|kapten|dubes|duta besar"
    r"|pemimpin|memimpin|memerintah|president|minister|governor|mayor|king|queen|emperor|pope|chair(?:man|woman)?"
    r"|head(?:ed)?|director|chief|coach|captain|ambassador|leader|led|ruled|governed)\b",
    re.IGNORECASE,
)
_EQUATES = re.compile(r"\W*(?:apakah|is|are|was|were)\b", re.IGNORECASE)
_ASKS_ANEW = re.compile(
    r"\?|\b(?:dan|and)\s+(?:(?:di|pada|dari|ke|dengan|untuk|in|on|at|from|to|with|for)\s+)?(?:tahun\s+)?"
    rf"(?:{_QUESTION_WORD}|who|whom|whose|what|when|where|why|how|which|{_AUXILIARY})\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"\b(?:when|while|after|before|until|since|because|if|though|although|once|that|where"
    r"|ketika|saat|waktu|sewaktu|setelah|sesudah|sebelum|sejak|selama|hingga|karena|kalau|jika|bila|bahwa"
    r"|agar|supaya|sehingga|padahal|meski(?:pun)?|walau(?:pun)?)\b",
    re.IGNORECASE,
)
# "Owen Pryce umurnya berapa?", "Owen Pryce dan istrinya"
_JOINED = re.compile(rf"(?:\W|\b(?:dan|serta|and|itu|{_QUESTION_WORD})\b)*", re.IGNORECASE)
_HAPPENED = re.compile(r"\s+(?:happen|occur|took place|terjadi)", re.IGNORECASE)
"""As an event does, and what bears a name hardly ever."""
_CONDITION = re.compile(
    r"\W*(?:kalau|jika|bila|apabila|if)\s+(?!di\b|ke\b|dari\b|pada\b|untuk\b|soal\b)"
    rf"(?P<clause>\w+\s+\w[^,?]*?)\s*(?:(?P<comma>,)|\b{_QUESTION_WORD}\b)",
    re.IGNORECASE,
)
_CONDITION_WORDS = 3
"""Content words that make a condition where no comma ends it."""
_CAPITAL_NEXT = re.compile(r"\s+[A-Z]")
# -nya after a verb or a preposition is what it is done to, after a noun its owner: "menemuinya", "mesinnya".
_DONE_TO = re.compile(
    r"(?!(?:menteri|menara|menantu|mentor|mental|mertua|merek|memori|menu|meriam|mempelai|melodi|merdeka)nya)"
    r"(?:mem[bpfvaiueo]|men[tdcjszyaiueo]|meng|me[lrwy])\w*nya\b"
    r"|(?:kepada|pada|dengan|oleh|untuk|bagi|dari|tentang|terhadap)nya\b",
    re.IGNORECASE,
)
_WHOSE = re.compile(r"\byang\s+$", re.IGNORECASE)
_FEW_WORDS = 3
_NOUN_WORDS = 2
"""Words before the name that takes another's place: "ketua KPK", "mayor of London"."""
_TOPIC_WORDS = 10
_MOST_NAMES = 20
_MOST_PRONOUNS = 20
_WHOSE_LENGTH = 8
_BESIDE_THE_POINT = frozenset({"gimana", "sekarang", "kini", "now"})
_LONGEST_NAME = 80
_LONGEST_TIME = 40
_LONGEST_TURN = 500
"""Characters of an earlier question: ten words and the first names are carried over."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and its answer."""

    question: str
    answer: str


class _Antecedent(NamedTuple):
    """What a pronoun may stand for; a `person` where it was the answer to "who"."""

    name: str
    person: bool


class _About(NamedTuple):
    """What a question with "what about" is about, and whether that may take a place in the one before."""

    what: str
    exchanges: bool


class _Mention(NamedTuple):
    """A name in the question: where it ends, and whether the question may be about it rather than about what
    was said before: not of a place, of who speaks, or of what has an office."""

    end: int
    topic: bool


class _Pronoun(NamedTuple):
    """A pronoun that stands for what was said before; `doubtful` where it may stand for a name of its own
    question."""

    match: re.Match[str]
    doubtful: bool


def stand_alone(question: str, turns: Sequence[Turn]) -> str:
    """The question, made self-contained by the turns before it (oldest first); itself where it leans on
    none of them."""
    previous = ""
    names: list[_Antecedent] = []
    for turn in turns:
        previous = _complete(turn.question[:_LONGEST_TURN], previous, names)
        names = _antecedents(previous, turn.answer, names)
    return _complete(question, previous, names)


def leans(question: str) -> bool:
    """Whether it has a pronoun for what it may not name itself, points at something said, asks what somebody
    said without saying of what, opens as a continuation, or names nothing."""
    if _OPENING.match(question) or _about(question):
        return True
    if _pronoun(question) or _points(question) or _REACTION.fullmatch(question):
        return True
    asked = understand(_without_abbreviations(question))
    if _is_time(question):
        return True
    words, names = (set(told) - _BESIDE_THE_POINT for told in (asked.words, asked.names))
    return not names and not asked.defines and len(words) <= _FEW_WORDS


def _complete(question: str, previous: str, names: Sequence[_Antecedent]) -> str:
    if not previous or not leans(question):
        return question
    about = _about(question)
    if about and about.exchanges:
        return _exchanged(previous, about.what)
    if _is_time(question):
        return _exchanged(previous, question.strip(" ?"))
    asked = _OPENING.sub("", question, count=1) if _OPENING.match(question) else question
    asked = asked[:1].upper() + asked[1:]
    if names and (pronoun := _pronoun(asked)):
        if pronoun.doubtful:
            previous = f"{_stands_for(pronoun.match, names)} {previous}"
        else:
            asked = _named(pronoun.match, names)
    topic = _topic(previous, asked)
    if not topic and fold(asked) == fold(question):
        return question  # nothing was carried over
    return f"{asked} ({topic})" if topic else asked


def _about(question: str) -> _About | None:
    """What "Kalau X?", "Bagaimana X?" or "What about X?" is about; None where it is a question of its own."""
    opening = _OPENING.match(question)
    marker = _WHAT_ABOUT.match(question, opening.end() if opening else 0)
    what = question[marker.end() :].strip().rstrip(" ?.!,") if marker else ""
    if not marker or not what or "?" in what:
        return None
    if tail := _TAIL.fullmatch(what):
        what = tail[1].rstrip(",")
    thing = understand(what).kind == "thing"
    if marker["surely"]:
        return _About(what, thing)
    names, others = _names(what), _other_words(what)
    if marker["if"]:
        if _condition(question[marker.start() :].lstrip()):
            return None
        # A clause goes on after its name: "Kalau Jepang menang?", "Kalau Palu berapa korbannya?"
        name = _NAME.search(what) if names else None
        clause = "," in what or (name is not None and bool(_other_words(what[name.start() :])))
        exchanges = thing and not clause and len(others) <= _FEW_WORDS
        return _About(what, exchanges and not _ASKS.search(what) and not _pronoun(what))
    # "Bagaimana kondisi Aceh?" asks how Aceh is, and only "Bagaimana Aceh?" what holds there.
    return _About(what, True) if _is_time(what) or (names and not others) else None


def _condition(question: str) -> re.Match[str] | None:
    """The condition that it opens with, up to the word that asks: "Kalau harga minyak naik, ". What ends in a
    name sets none: "Kalau gempa Palu berapa korbannya?"."""
    condition = _CONDITION.match(question)
    if not condition or any(name.end() == condition.end("clause") for name in _NAME.finditer(question)):
        return None
    words = [word for word in tokens(condition["clause"]) if word not in STOPWORDS]
    return condition if condition["comma"] or len(words) >= _CONDITION_WORDS else None


def _named(pronoun: re.Match[str], antecedents: Sequence[_Antecedent]) -> str:
    """Its question with the pronoun giving way to what it stands for."""
    question, stands = pronoun.string, _stands_for(pronoun, antecedents)
    if pronoun.re is _SUFFIX:
        return f"{question[: pronoun.end(1)]} {stands}{question[pronoun.end() :]}"
    if pronoun.re is _POSSESSIVE:
        stands += "'s"
    return f"{question[: pronoun.start()]}{stands}{question[pronoun.end() :]}"


def _stands_for(pronoun: re.Match[str], antecedents: Sequence[_Antecedent]) -> str:
    """The likeliest name, for a plural the first two; "it", and who has a capacity or a price, is nobody."""
    if pronoun.re is _PLURAL:
        both = " dan " if detect_language(pronoun.string) == "id" else " and "
        return both.join(name for name, _ in antecedents[:2])
    of_things = pronoun.group().casefold() in ("it", "its") or (
        pronoun.re is _SUFFIX and fold(pronoun[1]) in _OF_THINGS
    )
    return next((a.name for a in antecedents if not (of_things and a.person)), antecedents[0].name)


def _pronoun(question: str) -> _Pronoun | None:
    """The first pronoun that stands for what was said before, or else the first that may. Nothing after
    "Kalau harga minyak naik, " does."""
    mentions, condition = _mentions(question), _condition(question)
    doubtful = None
    for match in islice(_pronouns(question), _MOST_PRONOUNS):
        if condition and condition.end() <= match.start():
            continue
        before = [mention for mention in mentions if mention.end <= match.start()]
        if not before or _is_of_another(match, before):
            return _Pronoun(match, False)
        if not doubtful and not _is_of_its_own(match, before):
            doubtful = _Pronoun(match, True)
    return doubtful


def _pronouns(question: str) -> Iterator[re.Match[str]]:
    """Pronouns and words with -nya, possessives before others; not what is owned by a name that follows
    ("runtuhnya Majapahit") or by what "yang" tells more of ("pelanggan yang rumahnya terbakar")."""
    for pattern in (_POSSESSIVE, _PERSON, _PLURAL, _THING):
        for match in pattern.finditer(question):
            if not _abbreviates(match.group(), question.isupper()):
                yield match
    for match in _SUFFIX.finditer(question):
        if fold(match[1]) in _NO_SUFFIX or _CAPITAL_NEXT.match(question, match.end()):
            continue
        if _owns(match) and _WHOSE.search(question[max(0, match.start() - _WHOSE_LENGTH) : match.start()]):
            continue
        yield match


def _owns(pronoun: re.Match[str]) -> bool:
    """Whether something is its: "her job", "rumahnya", not "her", "menemuinya"."""
    return pronoun.re is _POSSESSIVE or (pronoun.re is _SUFFIX and not _DONE_TO.match(pronoun.group()))


def _is_of_another(pronoun: re.Match[str], before: Sequence[_Mention]) -> bool:
    """Whether it cannot stand for any of the names before it: what "Kapan Obama menemuinya?" and "Was Messi
    its captain?" name does it to somebody else."""
    question, start = pronoun.string, pronoun.start()
    if _ASKS_ANEW.search(question, before[0].end, start):
        return False
    if _owns(pronoun):
        return not question[before[-1].end : start].strip() and bool(_EQUATES.match(question))
    return not _CLAUSE.search(question, before[0].end, start)


def _is_of_its_own(pronoun: re.Match[str], before: Sequence[_Mention]) -> bool:
    """Whether it surely stands for a name before it: another question or clause goes on about that name
    ("Kapan Obama lahir dan siapa istrinya?", "Siapa asisten Obama ketika ia muda?"), or nothing but "dan" and
    question words stand between."""
    question, start = pronoun.string, pronoun.start()
    if _ASKS_ANEW.search(question, before[0].end, start):
        return True
    topic = next((mention for mention in before if mention.topic), None)
    if topic is None or _HAPPENED.match(question, pronoun.end()):
        return False
    opening = _CLAUSE.search(question, topic.end, start)
    if not _owns(pronoun):
        return opening is not None
    # "Setelah kepergiannya" is no clause, and is of anybody.
    clause = opening is not None and bool(question[opening.end() : start].strip())
    return clause or bool(_JOINED.fullmatch(question, before[-1].end, start))


def _mentions(question: str) -> list[_Mention]:
    """The names that a pronoun of the same question might stand for, in order; no dates, and not a word that
    may have its capital from opening the question."""
    mentions = []
    shouted, office = question.isupper(), bool(_OFFICE.search(question))
    for match in _NAME.finditer(question):
        name = " ".join(_name_words(match, shouted))
        if not name or _opens(match) or _is_date(tokens(match.group())):
            continue
        began = match.end() - len(name)
        aside = _ASIDE.search(question[max(0, began - _ASIDE_LENGTH) : began])
        mentions.append(_Mention(match.end(), not office and not aside))
    return mentions


def _points(question: str) -> bool:
    """Whether it points at something said: "gempa itu", not "Gempa Aceh itu"."""
    plain = _without_abbreviations(question)
    if _POINTING.search(plain):
        return True
    ends = {match.end() for match in _NAME.finditer(question) if not _opens(match)}
    return any(said.start() - 1 not in ends for said in _SAID.finditer(plain))


def _exchanged(previous: str, rest: str) -> str:
    """The previous question about something else: its one name or date exchanged, or the other appended."""
    earlier = _bare(previous)
    if _is_time(rest) and (dated := _redated(earlier, rest)):
        return dated
    names = _names(earlier)
    if len(names) == 1 and _names(rest) and len(_other_words(rest)) <= _NOUN_WORDS:
        exchanged = re.search(rf"(?<!\w){re.escape(names[0])}(?!\w)", earlier)
        if exchanged:
            return f"{_before(earlier[: exchanged.start()], rest)}{rest}{earlier[exchanged.end() :]}"
    return f"{earlier.rstrip(' ?')} ({rest})?"


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
    dates, others = _times(question), _times(when)
    if len(dates) != 1 or len(others) != 1:
        return None
    here, other = dates[0], others[0]
    part: str | int = 0  # the whole: one that is told relative to today has no parts
    if here.re is other.re is _DATE:
        if other["month"] and here["month"] and not other["its_year"]:
            part = "month"
        elif other["year"] and here["its_year"]:
            part = "its_year"
    start, end = here.span(part)
    return f"{question[:start]}{other.group()}{question[end:]}"


def _times(text: str) -> list[re.Match[str]]:
    """Dates, and times that are told relative to today."""
    relative = relative_phrases(text)
    return [*relative, *_DATE.finditer(without_relative(text))]


def _antecedents(question: str, answer: str, before: Sequence[_Antecedent]) -> list[_Antecedent]:
    """What a pronoun in the next question most likely stands for, likeliest first."""
    plain = _without_abbreviations(question)  # the WHO is nobody
    who = bool(_WHO.search(plain))
    asked = [_Antecedent(name, False) for name in _names(_bare(question))[:_MOST_NAMES]]
    fresh = [
        _Antecedent(name, who)
        for name in _names(answer)[:_MOST_NAMES]
        if not any(name in known.name or known.name in name for known in asked)
    ]
    if understand(plain).kind == "person":
        return [*fresh, *asked, *before][:_MOST_NAMES]
    return [*asked, *before, *fresh][:_MOST_NAMES]


def _topic(previous: str, asked: str) -> str:
    """The previous question's content words that the new one lacks, as they were written. "Last week" is not
    carried, for it would hide whatever was published at another time, nor a date where the new one has its
    own."""
    previous = without_relative(previous)
    shouted = previous.isupper()
    if _times(asked):
        previous = _DATE.sub(" ", previous)
    here = set(tokens(asked.replace("'s", "")))
    kept = []
    for word in re.findall(r"[\w’'.-]*\w", previous):
        folded = set(tokens(word))
        dull = frozenset[str]() if _abbreviates(word, shouted) else STOPWORDS
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


def _is_time(text: str) -> bool:
    """Whether it says when and nothing else."""
    bare = text.strip(" ?.!")
    if len(bare) > _LONGEST_TIME:
        return False
    return _is_date(understand(bare).words) or any(m.group() == bare for m in relative_phrases(bare))


def _is_date(words: Sequence[str]) -> bool:
    """Whether folded words are months, days of the week and figures alone, or "tahun" with them."""
    told = [word for word in words if word not in _DATE_UNITS]
    return bool(told) and all(word in _CALENDAR or word.isdigit() for word in told)


def _names(text: str) -> list[str]:
    """Capitalised names in text order, each once; a date ("18 Februari 1930") is none. A lone capital at the
    beginning counts for little: it comes last, and not at all in a question that has others."""
    found: dict[str, None] = {}
    opening: list[str] = []
    shouted = text.isupper()
    for match in _NAME.finditer(text):
        words = _name_words(match, shouted)
        name = " ".join(words)
        if name and len(name) <= _LONGEST_NAME and name not in found and not _is_date(tokens(name)):
            if _at_opening(match) and len(words) == 1:
                opening.append(name)
            else:
                found[name] = None
    return list(found) or opening


def _name_words(match: re.Match[str], shouted: bool) -> list[str]:
    """The words of a name, less what is capitalised anyway."""
    words = match.group().split()
    while (
        words and fold(words[0]).strip(".'’-") in _CAPITALISED_ANYWAY and not _abbreviates(words[0], shouted)
    ):
        words.pop(0)
    return words


def _at_opening(match: re.Match[str]) -> bool:
    return not match.string[: match.start()].strip(" \"'“‘")


def _opens(match: re.Match[str]) -> bool:
    """Whether it is one word that may have its capital from opening the question."""
    return _at_opening(match) and " " not in match.group()


def _other_words(text: str) -> list[str]:
    """Content words that are no names and no dates."""
    words = [word for word in tokens(_NAME.sub(" ", text)) if word not in STOPWORDS]
    return [word for word in words if word not in _DATE_UNITS and not _is_date([word])]


def _abbreviates(word: str, shouted: bool) -> bool:
    """Whether the capitals say that it is no word ("WHO", "AS"); they don't where all is `shouted`."""
    return not shouted and bool(_ABBREVIATION.fullmatch(word))


def _without_abbreviations(text: str) -> str:
    """The text with X for the letters of its abbreviations, for they are no pronouns; offsets stay."""
    return text if text.isupper() else _ABBREVIATION.sub(lambda m: "X" * len(m.group()), text)
