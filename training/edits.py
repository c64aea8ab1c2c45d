"""Edits of a sentence by program: such as keep what it says, and such as don't.

Each kind of `EDITS` changes one thing, so that the sentence before does not support the one after: a number,
a unit, a date, a name, a negation, a quantifier, which is cause and which effect, how certain it is, and who
said it. `reword` changes the words and keeps what is said, or drops a part of it, which the sentence before
still supports. Both languages; offsets are not kept.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

from service.spans import answer_spans

Edit = Callable[[str, "Source"], str | None]

_TRIES = 6


class Source:
    """Where an edit takes its other values from: names and dates of other sentences, and chance.

    `names` are drawn from with `draw`; those that the sentence has are passed over.
    """

    def __init__(self, language: str, names: Sequence[str], draw: random.Random) -> None:
        self.language = language
        self.names = names
        self.draw = draw

    def other_name(self, sentence: str) -> str | None:
        for _ in range(_TRIES):
            name = self.draw.choice(self.names)
            if name.casefold() not in sentence.casefold():
                return name
        return None


def names_of(text: str) -> list[str]:
    """The names of a text that stand inside a sentence, where a capital means one."""
    inside = (text[a:b] for a, b in answer_spans(text, "person") if a > 0 and 4 <= b - a <= 40)
    return [name for name in inside if not _NO_NAME.search(name)]


def edit_number(sentence: str, source: Source) -> str | None:
    """Another number of the same length, sign and notation."""
    places = list(re.finditer(r"(?<![\w/.-])\d+(?:[.,]\d+)*(?![\w/-])", sentence))
    if not places:
        return None
    place = source.draw.choice(places)
    digits = place.group()
    for _ in range(_TRIES):
        at = source.draw.choice([i for i, c in enumerate(digits) if c.isdigit()])
        other = source.draw.choice("123456789")
        if other != digits[at]:
            return _put(sentence, place.span(), digits[:at] + other + digits[at + 1 :])
    return None


def edit_date(sentence: str, source: Source) -> str | None:
    """Another month, weekday or year."""
    words = [m for group in _CALENDAR for m in _words(group, sentence)]
    years = list(re.finditer(r"\b(?:19|20)\d\d\b", sentence))
    places = words + years
    if not places:
        return None
    place = source.draw.choice(places)
    text = place.group()
    if text.isdigit():
        year = int(text) + source.draw.choice((-20, -10, -5, -3, -2, -1, 1, 2, 3))
        return _put(sentence, place.span(), str(year))
    group = next(g for g in _CALENDAR if text.casefold() in g)
    other = source.draw.choice([w for w in group if w != text.casefold()])
    return _put(sentence, place.span(), other.capitalize() if text[0].isupper() else other)


def edit_name(sentence: str, source: Source) -> str | None:
    """Another name for one."""
    places = [(a, b) for a, b in answer_spans(sentence, "person") if b - a >= 3]
    other = source.other_name(sentence)
    return _put(sentence, source.draw.choice(places), other) if places and other else None


def edit_speaker(sentence: str, source: Source) -> str | None:
    """Another name for the one who says it."""
    said = list(_SAID.finditer(sentence))
    other = source.other_name(sentence)
    if not said or other is None:
        return None
    place = source.draw.choice(said)
    group = "after" if place.group("after") else "before"
    return _put(sentence, place.span(group), other)


def edit_negation(sentence: str, source: Source) -> str | None:
    """A "not" more or less."""
    denied = list(_NOT[source.language].finditer(sentence))
    if denied:
        place = source.draw.choice(denied)
        return re.sub(r"\s{2,}", " ", _put(sentence, place.span(), " ")).strip()
    places = list(_AFFIRMED[source.language].finditer(sentence))
    if not places:
        return None
    place = source.draw.choice(places)
    if source.language == "en":
        return _put(sentence, place.span(), f"{place.group()} not")
    return _put(sentence, place.span(), f"tidak {place.group()}")


def _swap(tables: Mapping[str, Sequence[Sequence[str]]]) -> Edit:
    """An edit that puts another word of the same row for one."""

    def edit(sentence: str, source: Source) -> str | None:
        rows = tables[source.language]
        found = [(m, row) for row in rows for m in _words(row, sentence)]
        if not found:
            return None
        place, row = source.draw.choice(found)
        other = source.draw.choice([w for w in row if w != place.group().casefold()])
        return _put(sentence, place.span(), other.capitalize() if place.group()[0].isupper() else other)

    return edit


def edit_cause(sentence: str, source: Source) -> str | None:
    """Cause and effect change places."""
    found = _CAUSES[source.language].match(sentence.rstrip(". "))
    if not found:
        return None
    before, link, after = (found.group(k).strip(" ,") for k in (1, 2, 3))
    return _sentence(f"{after} {link} {before}") if len(before) > 8 and len(after) > 8 else None


def edit_modality(sentence: str, source: Source) -> str | None:
    """What may be becomes what is, what is planned what has been done, and the other way round."""
    return _certainty(sentence, source)


def reword(sentence: str, source: Source) -> str:
    """The sentence in other words, or less of it; as it is where nothing applies."""
    for change in source.draw.sample(_REWORDINGS, len(_REWORDINGS)):
        if source.draw.random() < 0.6:
            changed = change(sentence, source)
            if changed and len(changed) > 20:
                sentence = changed
    return sentence


def _put(sentence: str, place: tuple[int, int], text: str) -> str:
    return sentence[: place[0]] + text + sentence[place[1] :]


def _words(words: Sequence[str], sentence: str) -> list[re.Match[str]]:
    return list(re.finditer(rf"\b(?:{'|'.join(map(re.escape, words))})\b", sentence, re.IGNORECASE))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(" ,.") + "."


def _synonyms(sentence: str, source: Source) -> str | None:
    return _swap(_SYNONYMS)(sentence, source)


def _without_brackets(sentence: str, _: Source) -> str | None:
    return re.sub(r"\s*\([^()]{2,60}\)", "", sentence)


def _without_aside(sentence: str, _: Source) -> str | None:
    return re.sub(r", (?:yang|who|which|whose) [^,.]{5,90}(?:, |(?=\.?$))", " ", sentence, count=1)


def _without_opening(sentence: str, source: Source) -> str | None:
    """ "On Monday, the governor came": the governor came, or: the governor came on Monday."""
    found = re.match(r"((?:Pada|Di|Dalam|Dari|On|In|At|By) [^,]{3,50}), (.{20,})", sentence)
    if not found:
        return None
    opening, rest = found.groups()
    if source.draw.random() < 0.5:
        return _sentence(rest)
    return _sentence(f"{rest.rstrip(' .')} {opening[0].lower()}{opening[1:]}")


def _first_clause(sentence: str, _: Source) -> str | None:
    found = re.match(
        r"(.{40,}?),? (?:sementara|sedangkan|serta|dan juga|while|as well as|and also) ", sentence
    )
    return _sentence(found.group(1)) if found else None


def _reported(sentence: str, source: Source) -> str | None:
    """ "…," said Name. → Name said that …"""
    found = re.match(
        r"[\"“](.{20,}?)[,.]?[\"”],? (?:kata|ujar|tutur|jelas|ungkap|ucap|tegas|said|says) "
        rf"({_FULL_NAME})\b",
        sentence,
    )
    if not found:
        return None
    said = "said that" if source.language == "en" else source.draw.choice(("mengatakan", "menyatakan bahwa"))
    return _sentence(f"{found.group(2)} {said} {found.group(1)[0].lower()}{found.group(1)[1:]}")


def _notation(sentence: str, source: Source) -> str | None:
    """Percent signs and currencies in words, small numbers too."""
    word = "percent" if source.language == "en" else "persen"
    changed = re.sub(r"(\d)\s?%", rf"\1 {word}", sentence)
    if changed == sentence:
        changed = re.sub(rf"(\d) {word}\b", r"\1%", sentence)
    changed = re.sub(
        r"\bRp\.? ?(\d[\d.,]*(?: (?:ribu|juta|miliar|triliun|million|billion|trillion))?)",
        r"\1 rupiah",
        changed,
    )
    small = _SMALL[source.language]
    return re.sub(r"(?<![\w.,/-])([2-9])(?= [a-z])", lambda m: small[int(m.group(1))], changed)


_REWORDINGS = (
    _synonyms, _synonyms, _without_brackets, _without_aside, _without_opening, _first_clause, _reported,
    _notation,
)  # fmt: skip
_SMALL = {
    "id": ("", "", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"),
    "en": ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_CALENDAR = tuple(
    tuple(words.split())
    for words in (
        "januari februari maret april juni juli agustus september oktober november desember",
        "january february april june july august september october november december",
        "senin selasa rabu kamis jumat sabtu",
        "monday tuesday wednesday thursday friday saturday sunday",
    )
)
_NO_NAME = re.compile(
    rf"\b(?:{'|'.join(word for group in _CALENDAR for word in group)}|saya|kami|kita|anda|may|mei|minggu)\b",
    re.IGNORECASE,
)
_FULL_NAME = r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+){0,3}"
_SAID = re.compile(
    r"\b(?:kata|ujar|tutur|jelas|ungkap|ucap|tegas|papar|menurut|said|according to)\s+"
    rf"(?P<after>{_FULL_NAME})"
    rf"|(?P<before>{_FULL_NAME})\s+(?:mengatakan|menyatakan|menegaskan|mengungkapkan|menjelaskan"
    r"|menyebut|menilai|menyampaikan|berharap|said|says|told|added|argued|warned|announced)\b"
)
_NOT = {
    "id": re.compile(r"\s(?:tidak|tak|bukan|belum)\s", re.IGNORECASE),
    "en": re.compile(r"\s(?:not|never)\s|(?<=[a-z])n['’]t\s", re.IGNORECASE),
}
_AFFIRMED = {
    "id": re.compile(
        r"(?<=\s)(?:akan|bisa|dapat|telah|sudah|mampu|ada|adalah|merupakan|menjadi"
        r"|me[mn]\w{5,}|di(?!a\b)\w{5,}|ber\w{4,}|ter\w{5,})\b"
    ),
    "en": re.compile(r"(?<=\s)(?:is|are|was|were|will|can|could|should|would|has|have|had|did|does|do)\b"),
}
_CAUSES = {
    "id": re.compile(
        r"(.+?),? (karena|sebab|akibat|disebabkan oleh|menyebabkan|mengakibatkan|sehingga|membuat|memicu)"
        r" (.+)"
    ),
    "en": re.compile(r"(.+?),? (because of|because|due to|caused|led to|resulted in|triggered|so that) (.+)"),
}
_UNITS = {
    "id": (
        ("ribu", "juta", "miliar", "triliun"), ("persen", "poin"), ("meter", "kilometer", "sentimeter"),
        ("kilogram", "ton", "gram"),
        ("jam", "menit", "detik", "hari"), ("hari", "minggu", "bulan", "tahun"),
        ("rupiah", "dolar", "euro"), ("hektare", "meter persegi"),
        ("orang", "keluarga", "desa"), ("liter", "meter kubik"), ("km", "meter"), ("kg", "gram"),
    ),
    "en": (
        ("thousand", "million", "billion", "trillion"), ("percent", "percentage points"),
        ("metres", "kilometres", "miles", "feet"),
        ("kilograms", "tonnes", "pounds"), ("hours", "minutes", "seconds", "days"),
        ("days", "weeks", "months", "years"),
        ("dollars", "euros", "pounds", "rupiah"), ("hectares", "acres"),
        ("people", "families", "villages"), ("km", "miles"),
    ),
}  # fmt: skip
_QUANTIFIERS = {
    "id": (
        ("semua", "sebagian", "beberapa"), ("seluruh", "sebagian"), ("setiap", "sebagian"),
        ("banyak", "sedikit"), ("hampir", "lebih dari"),
        ("selalu", "kadang-kadang"), ("lebih dari", "kurang dari"), ("di atas", "di bawah"),
        ("minimal", "maksimal"),
        ("paling sedikit", "paling banyak"), ("sering", "jarang"), ("lebih tinggi", "lebih rendah"),
        ("lebih besar", "lebih kecil"),
        ("tertinggi", "terendah"), ("terbesar", "terkecil"), ("naik", "turun"), ("meningkat", "menurun"),
        ("kenaikan", "penurunan"),
        ("pertama", "terakhir", "kedua"), ("sebelum", "setelah"), ("hanya", "tidak hanya"),
        ("mayoritas", "minoritas"),
    ),
    "en": (
        ("all", "some", "few"), ("every", "some"), ("most", "few"), ("many", "few"),
        ("more than", "less than"), ("at least", "at most"),
        ("always", "sometimes"), ("often", "rarely"), ("higher", "lower"), ("largest", "smallest"),
        ("highest", "lowest"),
        ("increase", "decrease"), ("increased", "decreased"), ("rose", "fell"),
        ("first", "last", "second"), ("before", "after"),
        ("majority", "minority"), ("nearly", "more than"),
    ),
}  # fmt: skip
_certainty = _swap(
    {
        "id": (
            ("akan", "mungkin", "telah"), ("akan", "bisa saja"), ("sudah", "belum", "akan"),
            ("harus", "boleh", "bisa"), ("wajib", "boleh"),
            ("diduga", "terbukti"), ("berencana", "telah"), ("diperkirakan", "dipastikan"),
            ("berpotensi", "pasti"),
            ("mengusulkan", "memutuskan"), ("membahas", "menyetujui"), ("menargetkan", "mencapai"),
            ("ingin", "berhasil"),
            ("diharapkan", "terbukti"), ("berupaya", "berhasil"),
        ),
        "en": (
            ("may", "will"), ("might", "will"), ("could", "will", "did"), ("will", "may", "must"),
            ("should", "must", "may"),
            ("plans to", "refuses to"), ("alleged", "proven"), ("expected", "confirmed"),
            ("proposed", "approved"), ("likely", "certain"),
            ("can", "must"), ("would", "will"), ("suggests", "proves"), ("hopes to", "managed to"),
            ("tried to", "managed to"),
        ),
    }
)  # fmt: skip
_SYNONYMS = {
    "id": (
        ("mengatakan", "menyatakan", "menyampaikan"), ("sekitar", "kira-kira"), ("karena", "sebab"),
        ("tetapi", "namun"), ("telah", "sudah"),
        ("tidak", "tak"), ("dapat", "bisa"), ("saat", "ketika"), ("agar", "supaya"), ("hingga", "sampai"),
        ("serta", "dan"), ("ialah", "adalah"),
        ("warga", "penduduk"), ("pemerintah daerah", "pemda"), ("melalui", "lewat"),
        ("membantu", "menolong"), ("memulai", "mengawali"),
        ("sangat", "amat"), ("juga", "pun"), ("seperti", "misalnya"), ("mengenai", "tentang", "soal"),
        ("terkait", "mengenai"), ("guna", "untuk"),
        ("mereka yang", "orang yang"), ("meninggal dunia", "tewas"), ("menyebut", "mengatakan"),
        ("berbagai", "bermacam"), ("bertemu", "berjumpa"),
        ("memperoleh", "mendapatkan"), ("mengadakan", "menggelar", "menyelenggarakan"),
        ("membeli", "memborong"), ("penting", "krusial"),
        ("kepada", "untuk"), ("menurunkan", "mengurangi"), ("meningkatkan", "menaikkan"),
        ("memakai", "menggunakan"), ("lokasi", "tempat"),
    ),
    "en": (
        ("said", "stated"), ("because", "since"), ("about", "around"), ("but", "yet"), ("big", "large"),
        ("began", "started"),
        ("help", "assist"), ("show", "demonstrate"), ("near", "close to"), ("buy", "purchase"),
        ("get", "obtain"), ("use", "employ"),
        ("important", "crucial"), ("many", "numerous"), ("city", "town"), ("such as", "like"),
        ("however", "nevertheless"), ("children", "kids"), ("killed", "slain"), ("company", "firm"),
        ("need", "require"), ("ended", "finished"),
    ),
}  # fmt: skip

EDITS: Mapping[str, Edit] = {
    "number": edit_number,
    "unit": _swap(_UNITS),
    "date": edit_date,
    "name": edit_name,
    "negation": edit_negation,
    "quantifier": _swap(_QUANTIFIERS),
    "cause": edit_cause,
    "modality": edit_modality,
    "speaker": edit_speaker,
}
