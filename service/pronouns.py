"""A question → its pronoun, or word with -nya, that stands for what was said before, and the name for it.

In go a question and the names of the turns before it; out come the pronoun, marked doubtful where it may be
of its own question, none where all of them are or stand for nothing, and the question with the likeliest name
in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from service.language import detect_language
from service.mentions import (
    NAME,
    OFFICES,
    QUESTION_WORD,
    STATEMENT,
    TITLE,
    abbreviates,
    find_names,
    is_date,
    name_words,
    opens,
    split_office,
    without_abbreviations,
)
from service.periods import without_relative
from service.questions import understand
from service.terms import STOPWORDS, fold, tokens

# "Her" owns the medal in "her medal", and not in "gave her the medal".
_OWNS = r"(?=\s+(?!(?:the|an?|to|in|at|on|for|as)\b)\w)"
_PERSON = re.compile(rf"\b(?:ia|dia|beliau|he|she|him|her(?!{_OWNS}))\b", re.IGNORECASE)
_POSSESSIVE = re.compile(rf"\b(?:his|her|its|their)\b{_OWNS}", re.IGNORECASE)
_PLURAL = re.compile(
    r"\b(?:mereka(?: ber(?:dua|tiga))?|keduanya|ketiganya|(?:(?:the two|both|all) of )?(?:them|they))\b",
    re.IGNORECASE,
)
_THING = re.compile(  # not in "How long did it take to …?", "Is it true that …?"
    r"(?<!what time is )(?<!what day is )(?<!what time was )(?<!what day was )\b(?-i:[Ii]t)\b"
    r"(?! (?:takes?|took|costs?) [^?]*\bto \w)(?! (?:going to |about to )?(?:rain|snow)\w*)"
    r"(?! (?:true|known|possible|necessary|likely|legal|illegal|safe|dangerous|easy|hard|important|better"
    r"|too (?:late|early|soon)) (?:to|that)\b)"
    r"(?! worth \w+ing (?!(?:now|today|in|on|at|for|as|and|or|this)\b)\w)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\b([^\W\d_]{3,}?)nya\b", re.IGNORECASE)
_NO_SUFFIX = frozenset(
    """ha biasa umum misal akhir sebenar pu ta karena apa berapa cara kira rupa tampak agak semesti seharus
    setidak selanjut sebelum sesudah sebaik sepenuh sesungguh khusus mulanya awal ba sela satu berta nyo ada
    kali terjadi sebab memang antara lain""".split()
)
_WHO = re.compile(r"\b(?:siapa(?:kah)?|who|whom)\b", re.IGNORECASE)
_OF_THINGS = frozenset(
    """anggaran biaya harga isi kapasitas kecepatan kedalaman ketinggian lebar letak lokasi luas panjang
    pembangunan penduduk peresmian populasi kota ibukota suhu tarif tiket volume wilayah
    area budget capacity construction cost depth height length
    location price speed temperature width""".split()
)
"""What things have and people have not, so that it is not the answer to "who" that has them."""
AUXILIARY = "is|are|was|were|be|been|has|have|had|do|does|did|will|would|can|could|may|might|must|should"
# A name after these is of a place or of who speaks; the news is of something else.
_ASIDE = re.compile(
    rf"\b(?:(?:di|ke|dari|in|at|to|from|near)\s+|(?:{STATEMENT}|menurut|according to)\s+{TITLE})$",
    re.IGNORECASE,
)
_ASIDE_LENGTH = 60
"""Characters before the name that are looked at."""
# What has an office is no "he" and no "it": "Siapa presiden Amerika saat dia lahir?"
_OFFICE = re.compile(
    rf"\b(?:siapa(?:kah)?|who)\b.*\b(?:{OFFICES}|raja|ratu|kaisar|sultan|paus|kapten|pemimpin|memimpin"
    r"|memerintah|king|queen|emperor|pope|head(?:ed)?|chief|captain|leader|led|ruled|governed)\b",
    re.IGNORECASE,
)
_EQUATES = re.compile(r"\W*(?:apakah|is|are|was|were)\b", re.IGNORECASE)
_ASKS_ANEW = re.compile(
    r"\?|\b(?:dan|and)\s+(?:(?:di|pada|dari|ke|dengan|untuk|in|on|at|from|to|with|for)\s+)?(?:tahun\s+)?"
    rf"(?:{QUESTION_WORD}|who|whom|whose|what|when|where|why|how|which|{AUXILIARY})\b",
    re.IGNORECASE,
)
_CONJUNCTION = (
    "when|while|after|before|until|since|because|if|though|although|once|that|where"
    "|ketika|saat|waktu|sewaktu|setelah|sesudah|sebelum|sejak|selama|hingga|karena|kalau|jika|bila|bahwa"
    "|agar|supaya|sehingga|padahal|meski(?:pun)?|walau(?:pun)?"
)
_CLAUSE = re.compile(rf"\b(?:{_CONJUNCTION})\b", re.IGNORECASE)
# "Owen Pryce umurnya berapa?", "Owen Pryce dan istrinya"
_JOINED = re.compile(rf"(?:\W|\b(?:dan|serta|and|itu|{QUESTION_WORD})\b)*", re.IGNORECASE)
_HAPPENED = re.compile(r"\s+(?:happen|occur|took place|terjadi)", re.IGNORECASE)
"""As an event does, and what bears a name hardly ever."""
_CONDITION = re.compile(
    r"\W*(?:kalau|jika|bila|apabila|if)\s+(?!di\b|ke\b|dari\b|pada\b|untuk\b|soal\b)"
    rf"(?P<clause>\w+\s+\w[^,?]*?)\s*(?:(?P<comma>,)|\b{QUESTION_WORD}\b)",
    re.IGNORECASE,
)
_CONDITION_WORDS = 3
"""Content words that make a condition where no comma ends it."""
_CAPITAL_NEXT = re.compile(r"\s+[A-Z]")
# -nya after a verb or a preposition is what it is done to, after a noun its owner: "menemuinya", "mesinnya".
ACTIVE = (
    "(?!(?:menteri|menara|menantu|mentor|mental|mertua|merek|memori|menu|meriam|mempelai|melodi|merdeka)(?:nya)?\\b)"
    "(?:mem[bpfvaiueo]|men[tdcjszyaiueo]|meng|me[lrwy])\\w*"
)
_DONE_TO = re.compile(
    rf"{ACTIVE}nya\b|(?:kepada|pada|dengan|oleh|untuk|bagi|dari|tentang|terhadap)nya\b",
    re.IGNORECASE,
)
_ACTS = re.compile(
    rf"\b(?!(?:memang|mengapa|mengenai|menit|menurut|mereka|melalui|menjelang)\b){ACTIVE}", re.IGNORECASE
)
# -nya before its owner, as it is spoken: "Apa gejalanya campak?", not "Berapa korbannya menurut BNPB?".
_LINKED = re.compile(
    rf"\b(?:apa|siapa|berapa)(?:kah)?\s+(?!alasan|tujuan|maksud|niat|rencana)([^\W\d_]+nya)\s+"
    rf"(?!(?:{'|'.join(sorted(STOPWORDS))}|{_CONJUNCTION}|menurut|terhadap|terkait|tentang|soal|mengenai|buat|per|kali|kini"
    rf"|sekarang|dulu|nanti|tadi|kemarin|lagi|sih|ya|se(?:jam|hari|bulan|tahun|orang))\b)(?!{ACTIVE})\w",
    re.IGNORECASE,
)
_WHOSE = re.compile(r"\byang\s+$", re.IGNORECASE)
_WHOSE_LENGTH = 8
_SUBJECT_WORDS = 2
"""Content words before a pronoun of which one may be whom it stands for: "Which minister lost his job?"."""
_MOST_NAMES = 20
_MOST_PRONOUNS = 20


class Antecedent(NamedTuple):
    """What a pronoun may stand for; a `person` where it was the answer to "who"."""

    name: str
    person: bool


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


def antecedents(question: str, answer: str, before: Sequence[Antecedent]) -> list[Antecedent]:
    """What a pronoun in the next question most likely stands for, likeliest first."""
    plain = without_abbreviations(question)  # the WHO is nobody
    who = bool(_WHO.search(plain))
    person = understand(plain).kind == "person"
    asked = find_names(question)[:_MOST_NAMES]
    if person:  # who holds an office is asked for, and nobody founded it
        asked = [split_office(name)[1] or name for name in asked]
    fresh = [
        Antecedent(name, who)
        for name in find_names(answer)[:_MOST_NAMES]
        if not any(name in known or known in name for known in asked)
    ]
    known = [Antecedent(name, False) for name in asked]
    return [*fresh, *known, *before][:_MOST_NAMES] if person else [*known, *before, *fresh][:_MOST_NAMES]


def find_pronoun(question: str) -> _Pronoun | None:
    """The first pronoun that stands for what was said before, or else the first that may. Nothing after
    "Kalau harga minyak naik, " does."""
    mentions, condition = _mentions(question), find_condition(question)
    doubtful = None
    for match in islice(_pronouns(question), _MOST_PRONOUNS):
        if condition and condition.end() <= match.start():
            continue
        before = [mention for mention in mentions if mention.end <= match.start()]
        if _is_of_another(match, before) if before else not _has_subject(match):
            return _Pronoun(match, False)
        if not doubtful and not (before and _is_of_its_own(match, before)):
            doubtful = _Pronoun(match, True)
    return doubtful


def _pronouns(question: str) -> Iterator[re.Match[str]]:
    """Pronouns and words with -nya, possessives before others; not what is owned by what follows ("runtuhnya
    Majapahit", "Apa gejalanya campak?") or by what "yang" tells more of ("korban yang rumahnya terbakar")."""
    for pattern in (_POSSESSIVE, _PERSON, _PLURAL, _THING):
        for match in pattern.finditer(question):
            if not abbreviates(match.group(), question.isupper()):
                yield match
    linked = {match.end(1) for match in _LINKED.finditer(without_relative(question))}
    for match in _SUFFIX.finditer(question):
        if (
            fold(match[1]) in _NO_SUFFIX
            or match.end() in linked
            or _CAPITAL_NEXT.match(question, match.end())
        ):
            continue
        if _owns(match) and _WHOSE.search(question[max(0, match.start() - _WHOSE_LENGTH) : match.start()]):
            continue
        yield match


def replace_pronoun(pronoun: re.Match[str], antecedents: Sequence[Antecedent]) -> str:
    """Its question with the pronoun giving way to what it stands for."""
    question, stands = pronoun.string, stands_for(pronoun, antecedents)
    if pronoun.re is _SUFFIX:
        return f"{question[: pronoun.end(1)]} {stands}{question[pronoun.end() :]}"
    if pronoun.re is _POSSESSIVE:
        stands += "'s"
    return f"{question[: pronoun.start()]}{stands}{question[pronoun.end() :]}"


def stands_for(pronoun: re.Match[str], antecedents: Sequence[Antecedent]) -> str:
    """The likeliest name, for a plural the first two; "it", and who has a capacity or a price, is nobody."""
    if pronoun.re is _PLURAL:
        both = " dan " if detect_language(pronoun.string) == "id" else " and "
        return both.join(name for name, _ in antecedents[:2])
    of_things = pronoun.group().casefold() in ("it", "its") or (
        pronoun.re is _SUFFIX and fold(pronoun[1]) in _OF_THINGS
    )
    return next((a.name for a in antecedents if not (of_things and a.person)), antecedents[0].name)


def find_condition(question: str) -> re.Match[str] | None:
    """The condition that it opens with, up to the word that asks: "Kalau harga minyak naik, ". What ends in a
    name sets none: "Kalau gempa Palu berapa korbannya?"."""
    condition = _CONDITION.match(question)
    if not condition or any(name.end() == condition.end("clause") for name in NAME.finditer(question)):
        return None
    words = [word for word in tokens(condition["clause"]) if word not in STOPWORDS]
    return condition if condition["comma"] or len(words) >= _CONDITION_WORDS else None


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


def _has_subject(pronoun: re.Match[str]) -> bool:
    """Whether it may stand for a common noun, or a name in lower case, before it: another question follows
    ("siapa presiden rusia dan berapa umurnya"), a verb ("Mengapa dokter meninggalkan pekerjaannya?"), or a
    clause ("Why do people snore when they sleep?")."""
    question, start = pronoun.string, pronoun.start()
    if anew := _ASKS_ANEW.search(question, 0, start):
        return bool(_content(question[: anew.start()]))
    if pronoun.re is _SUFFIX:
        acts = _ACTS.search(question, 0, start)
        return _owns(pronoun) and acts is not None and bool(_content(question[: acts.start()]))
    if pronoun.re is _POSSESSIVE:  # "the name of his wife" has no subject before "his"
        before = question[:start]
        return len(_content(before)) >= _SUBJECT_WORDS and not before.rstrip().endswith(" of")
    clause = _CLAUSE.search(question, 0, start) if pronoun.re is not _THING else None
    return clause is not None and len(_content(question[: clause.start()])) >= _SUBJECT_WORDS


def _content(text: str) -> list[str]:
    return [word for word in tokens(text) if word not in STOPWORDS]


def _mentions(question: str) -> list[_Mention]:
    """The names that a pronoun of the same question might stand for, in order; no dates, and not a word that
    may have its capital from opening the question."""
    mentions = []
    shouted, office = question.isupper(), bool(_OFFICE.search(question))
    for match in NAME.finditer(question):
        name = " ".join(name_words(match, shouted))
        if not name or opens(match) or is_date(tokens(match.group())):
            continue
        began = match.end() - len(name)
        aside = _ASIDE.search(question[max(0, began - _ASIDE_LENGTH) : began])
        mentions.append(_Mention(match.end(), not office and not aside))
    return mentions
