"""A question that leans on the ones before it → a question that can be searched alone.

"Umur berapa dia waktu itu?" after "Siapa yang menemukan Pluto?" and its answer becomes "Umur berapa Clyde
Tombaugh waktu itu? (menemukan Pluto)": a pronoun gives way to the name that it stands for, "What about X?"
becomes the last question with X in it, and the last topic is carried over in brackets. A pronoun for what
the question names itself is left alone. Rules in the open rather than a model: what was carried can be read
off `searched`, and words too many cost a search little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
_QUESTION = re.compile(rf"\b{_QUESTION_WORD}\b", re.IGNORECASE)
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
    kali terjadi""".split()
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
# "That" also opens a clause, "there" says that something is, "one" counts, "the second" has a noun after it,
# "this year" is told from today.
_POINTING = re.compile(
    r"\b(?:di ?sana|di ?situ|there(?=\W*$)"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )(?<!has )(?<!have )(?<!will )(?<!should )"
    rf"there(?!['’]s|\s+(?:{_AUXILIARY})\b)"
    r"|tadi(?! (?:malam|pagi|siang|sore)\b)|(?:setelah|sebelum)(?:nya)?(?=\W*$)"
    r"|(?:kapan|berapa|bagaimana|kalau|dengan|dari|daripada|untuk|soal|atau|dan)"
    r" yang (?:pertama|kedua|ketiga)(?! kali\b)"
    r"|(?:after|before|since|during|until|by|at|in|on|of|for|from|to|with|about|like|than|why|how|when"
    rf"|{_AUXILIARY}) that(?! of\b)|that(?=\W*$)"
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
_WEEKDAYS = frozenset(
    """senin selasa rabu kamis jumat sabtu minggu monday tuesday wednesday thursday friday saturday
    sunday""".split()
)
_CALENDAR = _WEEKDAYS | frozenset(
    """januari februari maret april mei juni juli agustus september oktober november desember january february
    march may june july august october december""".split()
)
_DATE_UNITS = frozenset("tanggal bulan tahun month year".split())
_MONTH = "|".join(sorted(_CALENDAR - {"mei", "may"} - _WEEKDAYS)) + "|(?-i:Mei|May)"
_DATE = re.compile(
    rf"\b(?:(?P<month>(?:\d{{1,2}}\s+)?(?:{_MONTH})(?:\s+\d{{1,2}}\b,?)?)(?:\s+(?P<its_year>\d{{4}}))?"
    r"|(?P<year>(?:1[5-9]|20)\d\d))\b",
    re.IGNORECASE,
)
_ARTICLES = frozenset({"the", "a", "an"})
_ABBREVIATION = re.compile(r"\b(?!APA\b|MANA\b)[A-Z]{2,4}\b")  # a longer word may be in capitals for stress
_IN_PLACE = frozenset({"di", "ke", "dari", "in", "at", "to", "from", "near"})
_YES_OR_NO = re.compile(r"\W*(?:apakah|is|are|was|were)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\b(?:when|while|after|before|until|since|because|if|though|although|once|that|who|which|where|whose"
    r"|ketika|saat|waktu|sewaktu|setelah|sesudah|sebelum|sejak|selama|hingga|karena|kalau|jika|bila|yang|bahwa"
    rf"|agar|supaya|sehingga|padahal|meski(?:pun)?|walau(?:pun)?|(?:dan|and) {_QUESTION_WORD})\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\W*(?:kalau|jika|bila|apabila|if)\s+(?!di\b|ke\b|dari\b|pada\b|untuk\b|soal\b)\w+\s+\w[^,?]*?"
    rf"(?:,|\b{_QUESTION_WORD}\b)",
    re.IGNORECASE,
)
_CAPITAL_NEXT = re.compile(r"\s+[A-Z]")
# What a verb or a preposition is about is not what its own clause is about: "Kapan Obama menemuinya?"
_OBJECT = re.compile(r"me|(?:kepada|pada|dengan|oleh|untuk|bagi|dari|tentang|terhadap)nya\b", re.IGNORECASE)
_FEW_WORDS = 3
_NOUN_WORDS = 2
"""Words before the name that takes another's place: "ketua KPK", "mayor of London"."""
_TOPIC_WORDS = 10
_MOST_NAMES = 20
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


class _Own(NamedTuple):
    """Where a question has told what a pronoun may stand for: the end of its first name, and of the word that
    opens a clause after it; beyond its last character where it has not."""

    name: int
    clause: int


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
    """Whether it has a pronoun for what it doesn't name itself, points at something said, opens as a
    continuation, or names nothing."""
    if _OPENING.match(question) or _about(question):
        return True
    if _pronoun(question) or _owned(question) or _points(question):
        return True
    asked = understand(_without_abbreviations(question))
    if _is_time(question):
        return True
    return not asked.names and not asked.defines and len(asked.words) <= _FEW_WORDS


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
    if names:
        asked = _named(asked, names)
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
        main = what.partition(",")[2]
        if _ASKS.search(what) or (" " in main.strip() and _QUESTION.search(main)):
            return None
        # A clause goes on after its name: "Kalau Jepang menang?"
        name = _NAME.search(what) if names else None
        clause = "," in what or (name is not None and bool(_other_words(what[name.start() :])))
        return _About(what, thing and not clause and len(others) <= _FEW_WORDS and not _owned(what))
    # "Bagaimana kondisi Aceh?" asks how Aceh is, and only "Bagaimana Aceh?" what holds there.
    return _About(what, True) if _is_time(what) or (names and not others) else None


def _named(question: str, antecedents: Sequence[_Antecedent]) -> str:
    """The question with its first pronoun giving way to the likeliest name, a plural one to the first two."""
    if pronoun := _pronoun(question):
        stands = antecedents[0].name
        if pronoun.group().casefold() in ("it", "its"):  # nobody
            stands = next((a.name for a in antecedents if not a.person), stands)
        if pronoun.re is _POSSESSIVE:
            stands += "'s"
        elif pronoun.re is _PLURAL:
            both = " dan " if detect_language(question) == "id" else " and "
            stands = both.join(n for n, _ in antecedents[:2])
        return f"{question[: pronoun.start()]}{stands}{question[pronoun.end() :]}"
    if owned := _owned(question):
        return f"{question[: owned.end(1)]} {_owner(owned[1], antecedents)}{question[owned.end() :]}"
    return question


def _owner(noun: str, antecedents: Sequence[_Antecedent]) -> str:
    """The likeliest owner of what the noun says."""
    of_things = fold(noun) in _OF_THINGS
    return next((a.name for a in antecedents if not (of_things and a.person)), antecedents[0].name)


def _pronoun(question: str) -> re.Match[str] | None:
    """The first pronoun, possessives before others, that stands for what the question doesn't name itself."""
    plain, own = _without_abbreviations(question), _own(question)
    found = (
        (_POSSESSIVE.search(plain), own.name),
        *((pattern.search(plain), own.clause) for pattern in (_PERSON, _PLURAL, _THING)),
    )
    return next((match for match, told in found if match and match.start() < told), None)


def _owned(question: str) -> re.Match[str] | None:
    """The first word with the suffix -nya that owns something ("nilainya"); what is owned by a name that
    follows ("runtuhnya Majapahit"), or that the question has itself, is not owned by what was said before."""
    own = _own(question)
    return next(
        (
            m
            for m in _SUFFIX.finditer(question)
            if fold(m[1]) not in _NO_SUFFIX
            and m.start() < (own.clause if _OBJECT.match(m.group()) else own.name)
            and not _CAPITAL_NEXT.match(question, m.end())
        ),
        None,
    )


def _points(question: str) -> bool:
    """Whether it points at something said: "gempa itu", not "Gempa Aceh itu"."""
    plain = _without_abbreviations(question)
    if _POINTING.search(plain):
        return True
    ends = {match.end() for match in _NAME.finditer(question) if not _opens(match)}
    return any(said.start() - 1 not in ends for said in _SAID.finditer(plain))


def _own(question: str) -> _Own:
    """Where the question names what its pronouns may stand for: "Kapan Obama lahir dan siapa istrinya?" needs
    nothing from before, as nothing after "Kalau harga minyak naik, " does."""
    name = clause = len(question) + 1
    shouted = question.isupper()
    for match in _NAME.finditer(question):
        words, named = match.group().split(), _name_words(match, shouted)
        if not named or _opens(match) or _is_date(tokens(match.group())):
            continue
        before = [*question[max(0, match.start() - 8) : match.start()].split(), *words[: -len(named)]]
        if before and before[-1].casefold() in _IN_PLACE:
            continue  # "Where in Germany was he born?"
        # "Is Messi its captain?" is of what was said before.
        name = match.end() + (2 if _YES_OR_NO.match(question) else 0)
        if opening := _CLAUSE.search(question, match.end()):
            clause = opening.end()
        break
    if condition := _CONDITION.match(question):
        name, clause = min(name, condition.end()), min(clause, condition.end())
    return _Own(name, clause)


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
