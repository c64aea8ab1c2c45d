"""A question as people type it → as articles are written.

Colloquial Indonesian and chat English are spelt out by a table. A word that nobody knows (no article has it,
and it is no piece of the embedder's vocabulary) becomes the word of the articles that is nearest to it by
optimal string alignment (Boytsov 2011), where one is near enough; of equals, the one that stands beside the
question's other words. A number in words becomes the digits that stand there in the articles, but in a name.
An abbreviation gets the name that an article gives it in brackets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rapidfuzz.distance import OSA

from service.catalog import Catalog
from service.language import LANGUAGES, detect_language
from service.records import Understood
from service.terms import STOPWORDS, fold, stem, tokens
from service.values import Number, read_numbers


def _by_spelling(words: dict[str, str]) -> dict[str, str]:
    return {word: meaning for meaning, spellings in words.items() for word in spellings.split()}


_INDONESIAN = _by_spelling({
    "berapa": "brp brapa brpa", "bagaimana": "gmn gmna gimana bgmn gimna", "yang": "yg",
    "di mana": "dmn dimna dmana", "kenapa": "knp knapa", "kapan": "kpn kpan",
    "tidak": "tdk gak nggak ngga enggak gk", "sudah": "udah udh sdh", "belum": "blom",
    "dengan": "dgn", "untuk": "utk", "dari": "dri", "karena": "krn krna",
    "tahun": "thn taun", "tanggal": "tgl", "bulan": "bln",
    "sampai": "sampe smpe nyampe", "kalau": "kalo klo", "juga": "jg", "saja": "aja",
    "dalam": "dlm", "tentang": "ttg", "terhadap": "thdp", "menjadi": "mjd", "sekarang": "skrg skrng",
    "waktu": "wkt", "masih": "msh", "banyak": "byk bnyk", "telah": "tlh",
    "lebih": "lbh", "punya": "pny", "mengungsi": "ngungsi",
    "terus": "trs trus", "setelah": "stlh", "sebelum": "sblm", "kepada": "kpd", "oleh": "olh",
    "adalah": "adlh", "atau": "ato", "menurut": "mnrt mnurut",
    "jumlah": "jml jmlh", "sejak": "sjk", "pertama": "prtm prtama", "Jakarta": "jkt",
})  # fmt: skip
"""What means nothing in English: a question with one of them is Indonesian."""
_IN_INDONESIAN = _by_spelling({
    "kenapa": "napa", "siapa": "sapa", "tidak": "ga", "sudah": "dah", "belum": "blm", "dengan": "dg sm",
    "pada": "pd", "dari": "dr", "orang": "org", "tahun": "th", "hari": "hr", "jam": "jm", "jadi": "jd",
    "saja": "aj", "sekarang": "skr", "bisa": "bs", "harus": "hrs", "provinsi": "prov",
    "kabupaten": "kab", "tersebut": "tsb", "naik": "nek", "dan": "dn",
})  # fmt: skip
"""Chat spellings in an Indonesian question alone, and without a capital: something else, or names."""
_LINKING = frozenset("dg pd dr sm dn jd hrs".split())
"""Of these, the ones that link words, and end no question."""
_INITIALS = frozenset("sm dn jd hrs".split())
"""Of these, the ones that are initials as often: the articles decide, unless the question is in chat."""
_MAY_LINK = re.compile(rf"(?<![\w@#'’.–-])(?<!\d )({'|'.join(sorted(_INITIALS))}) (\w+)")
"""With the next word. Behind a number, "sm" is before Christ."""
_IN_CHAT = _by_spelling({"siapa": "sp", "sampai": "smp", "kalau": "kl"})
"""Spellings beside another one of `_INDONESIAN` alone: else a warning, a school, a city."""
_ENGLISH = _by_spelling({
    "what is": "whats what's", "who is": "whos who's", "where is": "wheres where's",
    "when is": "whens when's", "how is": "hows", "because": "cuz bcs coz",
    "please": "pls plz", "though": "tho", "about": "abt", "did not": "didnt", "does not": "doesnt",
    "is not": "isnt", "was not": "wasnt", "many": "mny", "year": "yr", "years": "yrs",
    "with": "wth", "which": "wich whch whic", "what": "wht waht", "when": "whn",
})  # fmt: skip
_IN_ENGLISH = _by_spelling({"you": "u", "people": "ppl", "before": "b4"})
"""Chat spellings in an English question alone."""
_ASKING = {"apa", "apakah", "mengapa", "berapa", "bagaimana", "di mana", "kenapa", "siapa", "kapan"}
_ASKING |= {word for word, meaning in (_INDONESIAN | _IN_INDONESIAN).items() if meaning in _ASKING}
_CALLED = "min|gan|bro|guys"
_TELLING = "kasih tau|kasih tahu|sebutin|sebutkan|jelasin|jelaskan|tolong"
_LEFT_OUT = re.compile(
    # Whom the question is put to. (Elsewhere "min" is a minimum, or a name.)
    rf"\A\s*+(?:{_CALLED})(?:\s*+,\s*+|\s++(?=(?:{'|'.join(sorted(_ASKING))})\b))|,\s*+(?:{_CALLED})(?=\W*+\Z)"
    # Particles; some at the end alone, elsewhere a currency, or a part of names.
    r"|(?<![\w@#'’.–-])(?:sih|deh|kok|nih|tuh|lho|yah|(?:dong|loh|gan|bro|guys)(?=\W*+\Z)"
    rf"|(?:{'|'.join(rf'(?<=(?i:{word}) )' for word in _TELLING.split('|'))})dong)(?![\w'’–-]|\.\w)"
)
"""What says nothing in an Indonesian question."""
_TYPED = re.compile(r"[@#]?\w+(?:['’.–-]\w+|,\d+)*")
"""A word with all that it is joined to: what is joined to a digit ("u17", "sp3"), a dash ("u-17") or a full
stop ("who.org") is part of a name."""
_TWICE = re.compile(r"([a-z]{3,})2")  # not CO2, km2
_WITH_TWO = frozenset("covid sars dota liga".split())
"""Names that a 2 stands behind; another word with it is said twice."""
_LONE = re.compile(r"\s+(?:\d|[^\W\d_]\b)")
"""Behind "u": "u 17", "u s"."""
_BEFORE_TITLE = re.compile(
    r"(?:\A\W*|\b(?:kata|rs|sakit|jalan|jl\.?)\s+|"
    r"(?P<surely>\b(?:menurut|mnrt|oleh|bersama|rsud|rsup)\s+))\Z",
    re.IGNORECASE,
)
"""Before "dr" and a name: a doctor's, where nothing comes from after the word, in lower case too. Elsewhere
the name is a place's ("dr Jakarta")."""
_BEFORE_NAME = re.compile(r"\b(?:siapa(?:kah)?|sapa|apa\s+itu|ketua)\s+\Z", re.IGNORECASE)
"""Before a name, and seldom a word that links or a day."""
_TO_YOU = re.compile(r"\b(?:are|were|do|have|can|could|will|would|should|if|thank)\s+\Z", re.IGNORECASE)
"""Before "you"; "is u", "did u" may be U Thant."""
_ENDS = re.compile(r"\s*(?:[?!.,;:]|\Z)")
_BEFORE_NOUN = re.compile(
    r"\b(?:di|ke|dr|dari|brp|berapa|anak|siswa|siswi|pelajar|murid|guru|sekolah)\s+\Z", re.IGNORECASE
)
"""Before a school, a city and a warning."""
_ABBREVIATION = re.compile(r"\b[A-Z][A-Z0-9]{1,6}\b")
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_TEH = re.compile(r"(?<![\w-])teh(?![\w-])")
_VOWELS = frozenset("aeiou")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FEWEST_IN_DIGITS = 11
"""Numbers from here on are written in digits by most newspapers, smaller ones in words."""
_SHORTEST = 4
_LONGER = 8
_NEAREST = 8
_COMPANY = 2
_MOST_NAME_CHARS = 200
_NAME_BEFORE = re.compile(r"(?:[\w’'.-]+\s+){1,8}\Z")
_MOST_MENDED, _MOST_BESIDE, _MOST_NAMED = 8, 20, 20
"""Words of a question: each that is unknown is compared with the articles' words, and each abbreviation is
looked for in the articles that have it, which takes a while."""

Beside = Callable[[str], dict[int, str]]
"""The texts that have a word, by a number of the passage's."""
Kind = Literal["colloquial", "spelling", "abbreviation"]


@dataclass(frozen=True, slots=True)
class Spelled:
    """The question as it should have been typed, and what was changed, in text order."""

    text: str
    understood: tuple[Understood, ...] = ()


def write_out(question: str) -> Spelled:
    """Chat spellings written out, particles left out, "gara2" as "gara-gara"."""
    in_chat = _has_chat(question)
    indonesian = in_chat or detect_language(question) == "id"
    found: list[Understood] = []

    def written(match: re.Match[str]) -> str:
        word = match.group()
        meaning = _meaning(match, indonesian, in_chat)
        if meaning != word:
            found.append(Understood("colloquial", word, meaning))
        return meaning

    text = _LEFT_OUT.sub("", question) if indonesian else question
    text = re.sub(r"\s+([?!.,])|(\s)\s+", r"\1\2", _TYPED.sub(written, text)).strip()
    return Spelled(text, tuple(found))


class Speller:
    """Spelling by the words of one catalog. `is_word` tells whether a folded word is one that people know."""

    def __init__(self, catalog: Catalog, is_word: Callable[[str], bool]) -> None:
        self._catalog = catalog
        self._is_word = is_word

    def correct(self, question: str) -> Spelled:
        """Unknown words in the spelling of the articles, and chat spellings that `write_out` left to them."""
        found: list[Understood] = []
        beside = cache(lambda word: self._catalog.with_term(_stems(word)))
        if _is_the(question, beside):
            question = _TEH.sub("the", question)
            found.append(Understood("colloquial", "teh", "the"))

        def linking(match: re.Match[str]) -> str:
            word, phrase = match[1], f" {' '.join(tokens(match.group()))} "
            named = any(phrase in f" {' '.join(tokens(text))} " for text in beside(word).values())
            if named or _ENDS.match(match.string, match.end(1)):
                return match.group()
            found.append(Understood("colloquial", word, _IN_INDONESIAN[word]))
            return f"{_IN_INDONESIAN[word]} {match[2]}"

        if detect_language(question) == "id":
            question = _MAY_LINK.sub(linking, question, count=_MOST_MENDED)
        words = [match.group() for match in re.finditer(_WORD, question)]
        content = [w for w in words if fold(w) not in STOPWORDS]
        text = question
        for one, next_one in zip(words, [*words[1:], ""], strict=True):
            joined = fold(one + next_one)
            if (
                min(len(one), len(next_one)) >= _SHORTEST - 1
                and self._occurs(joined)
                and not (self._occurs(fold(one)) and self._occurs(fold(next_one)))
            ):
                text = text.replace(f"{one} {next_one}", joined, 1)
                found.append(Understood("spelling", f"{one} {next_one}", joined))
        unknown = [word for word in dict.fromkeys(content) if len(fold(word)) >= _SHORTEST]
        unknown = [word for word in unknown if not self._is_word(fold(word)) and not self._occurs(fold(word))]
        for number in reversed(read_numbers(text)):  # so that the spans before it stay
            digits = self._in_digits(number, text, beside)
            if digits is not None:
                start, end = number.span
                found.append(Understood("spelling", text[start:end], digits))
                text = text[:start] + digits + text[end:]
        for word in [word for word in unknown if word in text][:_MOST_MENDED]:
            nearest = self._nearest(word, [fold(w) for w in content if w != word][:_MOST_BESIDE], beside)
            if nearest is not None:
                text = re.sub(rf"\b{re.escape(word)}\b", nearest, text, count=1)
                found.append(Understood("spelling", word, nearest))
        return Spelled(text, tuple(found))

    def name(self, question: str) -> Spelled:
        """The question with the full name behind each abbreviation that an article explains."""
        found = []
        text = question
        for short in list(dict.fromkeys(_ABBREVIATION.findall(question)))[:_MOST_NAMED]:
            full = self._explained(short)
            if full is not None and fold(full) not in fold(question):
                told = f"{short} ({full})"
                text = re.sub(rf"\b{short}\b", told.replace("\\", r"\\"), text, count=1)
                found.append(Understood("abbreviation", short, full))
        return Spelled(text, tuple(found))

    def _occurs(self, word: str) -> bool:
        return any(self._catalog.has_term(term) for term in _stems(word))

    def _in_digits(self, number: Number, text: str, beside: Beside) -> str | None:
        """A number in words as the digits that an article has beside two other words of the text, or all
        where they are fewer; None where it has none, or the number is small, in digits or part of a name: it
        has a capital within the text, or an article has it in words beside those."""
        start, end = number.span
        (value, *more) = number.values
        if not text[start].isalpha() or more or value.denominator != 1 or value < _FEWEST_IN_DIGITS:
            return None
        if text[start].isupper() and _is_inside(text, start) and not text.isupper():
            return None
        texts = beside(str(value))
        if not texts:
            return None
        words = tokens(f"{text[:start]} {text[end:]}")
        others = list(dict.fromkeys(word for word in words if word not in STOPWORDS))[:_MOST_BESIDE]
        least = min(_COMPANY, len(others))
        company = sum(1 for word in others if beside(word).keys() & texts.keys())
        if company < least or _company(text[start:end], others, beside) >= max(least, 1):
            return None
        return str(value)

    def _nearest(self, typed: str, others: list[str], beside: Beside) -> str | None:
        """The word of the articles that was most likely meant, as it is written there. It must stand beside
        two of the question's other words, or all where they are fewer; of equally near ones, that beside the
        rarest of them, then the most frequent. A name stays a name.

        The first letter is seldom the wrong one (Kukich 1992), so that words that begin
        otherwise are tried last, and only names that differ in nothing else: of words that no article has,
        a right one is too often another one but for its first letter ("makelar", "sakelar")."""
        word = fold(typed)
        most = _farthest(word)
        stems = _stems(word)
        near = []
        # What the stemmer took from one and not from the other is no mistake of the typist's.
        for letter in sorted({one[0] for one in (word, *stems)}):
            for term in self._catalog.terms_beginning(letter):
                distance = min(OSA.distance(one, term, score_cutoff=most) for one in (word, *stems))
                if distance <= most and len(term) >= _SHORTEST - 1:
                    near.append((distance, term))
        found = self._likeliest(typed, sorted(near)[:_NEAREST], others, beside, typed[0].isupper())
        if found is None:
            begun_otherwise = {term for other in _begun_otherwise(word) for term in _stems(other)}
            known = [(1, term) for term in sorted(begun_otherwise) if self._catalog.has_term(term)]
            found = self._likeliest(typed, known, others, beside, True)
        return found

    def _likeliest(
        self, typed: str, near: list[tuple[int, str]], others: list[str], beside: Beside, is_name: bool
    ) -> str | None:
        """The likeliest of the terms near to a word, (their distance, term), as an article writes it; where
        `is_name`, of those that articles write with a capital alone."""
        if not near:
            return None
        word = fold(typed)
        most = _farthest(word)
        texts_beside = [beside(other) for other in others]
        best: tuple[int, int, int, str] | None = None
        for _, term in near:
            texts = self._catalog.with_term([term])
            company = [keys for keys in texts_beside if keys.keys() & texts.keys()]
            if len(company) < min(_COMPANY, max(sum(1 for keys in texts_beside if keys), bool(others))):
                continue
            rarest = min((len(keys) for keys in company), default=0)
            forms = _forms(term, texts.values())
            for written in forms:
                if fold(written) in STOPWORDS:
                    continue
                if is_name and (not written[0].isupper() or written.lower() in forms):
                    continue
                distance = OSA.distance(word, fold(written), score_cutoff=most)
                if distance <= most:
                    rank = (distance, rarest, -len(texts), written)
                    best = rank if best is None or rank < best else best
        return best[3] if best else None

    def _explained(self, short: str) -> str | None:
        """The name that articles give an abbreviation in brackets, the most frequent one."""
        names: Counter[str] = Counter()
        for text in self._catalog.with_term(_stems(fold(short))).values():
            for match in re.finditer(rf"\({short}\)", text):
                before = _NAME_BEFORE.search(text, max(0, match.start() - _MOST_NAME_CHARS), match.start())
                if before and (name := _initialled(before[0].split(), short)):
                    names[name] += 1
            for match in re.finditer(rf"\b{short}\s+\(([^()]{{3,80}})\)", text):
                if name := _initialled(match[1].split(), short):
                    names[name] += 1
        return min(names, key=lambda n: (-names[n], n)) if names else None


def _has_chat(question: str) -> bool:
    """Whether it has a chat spelling that means nothing in English. Of a few words, these tell Indonesian
    better than the letters do."""
    return not _INDONESIAN.keys().isdisjoint(match.group() for match in _TYPED.finditer(question))


def _meaning(match: re.Match[str], indonesian: bool, in_chat: bool) -> str:
    """A word written out, itself where it is no chat spelling."""
    word = match.group()
    if not indonesian:
        typed = word.replace("’", "'")
        if typed == "u" and not _is_you(match):
            return word
        return (_ENGLISH | _IN_ENGLISH).get(typed, word)
    if twice := _TWICE.fullmatch(word):
        return word if twice[1] in _WITH_TWO else f"{twice[1]}-{twice[1]}"
    typed = word.lower() if _is_begun(match) else word
    if typed in _IN_CHAT:
        return _IN_CHAT[typed] if _is_in_chat(match) else word
    if (typed == "dr" and _is_title(match)) or (typed in _LINKING | {"hr"} and _is_name(match)):
        return word
    if typed in _INITIALS and not in_chat:
        return word
    return (_INDONESIAN | _IN_INDONESIAN | _ENGLISH).get(typed.replace("’", "'"), word)


def _is_in_chat(match: re.Match[str]) -> bool:
    """Whether another chat spelling stands beside a word, or behind "di" after it, and the word isn't behind
    what a noun follows: "kl di jkt brp", but "siswa smp yg menang"."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    behind = re.match(r"\s+(?:di\s+)?(\w+)", after)
    beside = {*before.split()[-1:], behind[1] if behind else ""}
    return not _BEFORE_NOUN.search(before) and bool(beside & _INDONESIAN.keys())


def _is_title(match: re.Match[str]) -> bool:
    """Whether "dr" is a doctor's: with a full stop or a capital, or between such a word and a name."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    behind = _BEFORE_TITLE.search(before)
    named = behind and (behind["surely"] or re.match(r"\s+[A-Z]", after))
    return match.group() == "Dr" or after.startswith(".") or bool(named)


def _is_name(match: re.Match[str]) -> bool:
    """Whether what may link words, or be a day, stands where a name does: "siapa dn aidit", "ketua pd"."""
    ends = match.group() in _LINKING and _ENDS.match(match.string, match.end())
    return bool(ends or _BEFORE_NAME.search(match.string[: match.start()]))


def _is_you(match: re.Match[str]) -> bool:
    """Whether "u" begins no name: "how are u", "can u tell", but "u 17", "who is u thant"."""
    told = _ENDS.match(match.string, match.end()) or _TO_YOU.search(match.string[: match.start()])
    return bool(told) and not _LONE.match(match.string, match.end())


def _is_the(question: str, beside: Beside) -> bool:
    """Whether "teh" is a mistyped "the": in an English question, and no article has tea beside one of the
    other words."""
    if not _TEH.search(question) or detect_language(question) != "en":
        return False
    others = {word for word in tokens(question) if not word[0].isdigit()} - STOPWORDS - {"teh"}
    return _company("teh", others, beside) == 0


def _company(phrase: str, others: Iterable[str], beside: Beside) -> int:
    """How many of the other words stand in a text that has the phrase."""
    texts = {text for word in tokens(phrase) for text in beside(word).values() if fold(phrase) in fold(text)}
    there = {one for text in texts for word in tokens(text) for one in _stems(word)}
    return sum(1 for word in others if not there.isdisjoint(_stems(word)))


def _is_inside(text: str, start: int) -> bool:
    """Whether a capital there is not the one that begins a sentence."""
    before = text[:start].rstrip(" \"'“‘(")
    return bool(before) and before[-1] not in ".?!"


def _is_begun(match: re.Match[str]) -> bool:
    """Whether a word has its capital from standing first, and not from a name: before another capital that
    is told by its vowels, which most chat spellings leave out, or by its meaning something else too ("Brp
    BUMN", but "Napa Valley", "Hr Muhammad")."""
    word, after = match.group(), match.string[match.end() :].lstrip()
    begins = match.start() == 0 and word[:1].isupper() and word[1:].islower()
    may_be_name = bool(_VOWELS & set(word.lower())) or word.lower() in _IN_INDONESIAN
    return begins and not (may_be_name and after[:1].isupper())


def _farthest(word: str) -> int:
    """How many mistakes a word may have."""
    return 1 if len(word) < _LONGER else 2


def _begun_otherwise(word: str) -> set[str]:
    """The words of which this one is a misspelling at the first letter: swapped with the next one, left out,
    put before, or another."""
    rest = word[1:]
    others = {letter + end for letter in _LETTERS for end in (word, rest)}
    return (others | {rest, f"{word[1]}{word[0]}{word[2:]}"}) - {word}


def _stems(word: str) -> list[str]:
    return list(dict.fromkeys(stem(word, language) for language in LANGUAGES))


def _forms(term: str, texts: Iterable[str]) -> list[str]:
    """The words of the texts that have this stem, as they are written, the more frequent spelling first."""
    forms: Counter[str] = Counter()
    for text in texts:
        for word in re.findall(_WORD, text):
            if term in _stems(fold(word)):
                forms[word] += 1
    return sorted(forms, key=lambda form: (-forms[form], form))


def _initialled(words: list[str], short: str) -> str | None:
    """The last words whose initials spell the abbreviation, small words between them allowed."""
    wanted = list(short)
    at = len(words)
    while wanted and at > 0:
        at -= 1
        if words[at][:1].upper() == wanted[-1] and words[at][:1].isupper():
            wanted.pop()
        elif words[at][:1].isupper():
            return None
    return " ".join(words[at:]) if not wanted else None
