"""Names of a sentence that a text lacks.

A name is told by its capital within the sentence. The text has it where it has its beginning, another name of
the same thing, or what is short for it or what it is short for (KPK, Komisi Pemberantasan Korupsi; Jokowi,
Joko Widodo).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.calendar_names import MONTHS
from service.sentences import split_sentences
from service.terms import STOPWORDS, fold
from service.values import read_dates, without_dates

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_PART = re.compile(r"[^\W\d_]+")
_HEADLINE_SHARE, _NAME_BEGINNING = 0.6, 5
_ENDING = re.compile(r"['’]s?$|-nya$")
_NAME = re.compile(r"(?<=[\w,;:’'\")] )[A-Z][\w’'-]+|^[A-Z]{2,}\b")

_WRITTEN_SMALL = {
    "APBD": "anggaran pendapatan dan belanja daerah",
    "APBN": "anggaran pendapatan dan belanja negara",
    "ASN": "aparatur sipil negara",
    "ATM": "anjungan tunai mandiri",
    "BBM": "bahan bakar minyak",
    "BUMN": "badan usaha milik negara",
    "DBD": "demam berdarah dengue",
    "GDP": "gross domestic product",
    "KDRT": "kekerasan dalam rumah tangga",
    "KPR": "kredit pemilikan rumah",
    "KTP": "kartu tanda penduduk",
    "PDB": "produk domestik bruto",
    "PHK": "pemutusan hubungan kerja",
    "PNS": "pegawai negeri sipil",
    "RSUD": "rumah sakit umum daerah",
    "RUU": "rancangan undang-undang",
    "SIM": "surat izin mengemudi",
    "SMA": "sekolah menengah atas",
    "SMP": "sekolah menengah pertama",
    "UMKM": "usaha mikro, kecil, dan menengah",
    "WNA": "warga negara asing",
    "WNI": "warga negara indonesia",
}
"""Abbreviations of words that are no names."""
_MINISTRIES = {
    "Agama": "ag", "Dalam Negeri": "dagri", "Hukum": "kum", "Kehutanan": "hut", "Keuangan": "keu",
    "Kesehatan": "kes", "Koordinator": "ko", "Luar Negeri": "lu", "Perdagangan": "dag",
    "Perhubungan": "hub", "Perindustrian": "perin", "Pertahanan": "han", "Pertanian": "tan", "Sosial": "sos",
}  # fmt: skip
_EQUAL_NAMES = (
    ("Amerika Serikat", "AS", "Amerika"), ("Bank Indonesia", "BI"), ("Mahkamah Konstitusi", "MK"),
    ("Mahkamah Agung", "MA"), ("European Union", "EU"), ("Uni Eropa", "UE"), ("United Nations", "UN"),
    ("United States", "US", "U.S", "USA", "American", "America"),
    ("China", "Tiongkok", "Cina"),
    ("Britain", "UK", "United Kingdom", "British"),
    ("France", "French"), ("Ireland", "Irish"), ("Spain", "Spanish"), ("Netherlands", "Dutch"),
    ("Kapolri", "Kepala Kepolisian", "Kepala Polri"), ("Kapolda", "Kepala Polda", "Kepala Kepolisian Daerah"),
    ("Kapolres", "Kepala Polres", "Kepala Kepolisian Resor"), ("Polri", "Kepolisian Negara"),
    ("Bawaslu", "Badan Pengawas Pemilu", "Badan Pengawas Pemilihan Umum"),
    ("Pemda", "Pemerintah Daerah", "pemerintah daerah"), ("Pemkab", "pemerintah kabupaten"),
    ("Pemkot", "pemerintah kota"), ("Pemprov", "pemerintah provinsi"),
    *((f"Men{short}", f"Menteri {name}") for name, short in _MINISTRIES.items()),
    *((f"Kemen{short}", f"Kem{short}", f"Kementerian {name}") for name, short in _MINISTRIES.items()),
)  # fmt: skip
"""Each line names one thing; what is short by the beginnings of its words alone (`_shortens`) needs none."""
_SAME_NAME = {name: names for names in _EQUAL_NAMES for name in names}
_EQUAL = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(_SAME_NAME, key=len, reverse=True)))})\b")
_RUN = re.compile(r"\b[A-Z][\w’'-]*(?: (?:dan |of |for |the |and |untuk )*[A-Z][\w’'-]*)+")
_LEAST_BEGINNING, _SHORTEST_NAME, _MOST_WORDS = 2, 4, 6
"""Letters of each word of a name that is made of beginnings ("Menkeu"), letters of that name, and words that
a name is short for."""
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=\d)")


def lacks_name(text: str, wanted: str) -> bool:
    """Whether a name of `wanted`, told by its capital within the sentence, is not in `text`. It is there
    where the text has its beginning ("Indonesian", Indonesia), another name of the same thing
    (`_EQUAL_NAMES`, a month of a date in digits), or what is short for it or it is short for (PHK, pemutusan
    hubungan kerja; Jokowi, Joko Widodo); a headline's capitals tell nothing."""
    words = _WORD.findall(wanted)
    if sum(word[0].isupper() for word in words) > _HEADLINE_SHARE * len(words):
        return False
    found = {_ENDING.sub("", name) for name in _NAME.findall(without_dates(wanted))}
    here = _folded(text)
    lacking = [name for name in found if len(name) > 2 and not _is_in(here, name)]
    if lacking:
        others = _folded(" ".join(_other_names(text)))
        short = {word for run in _RUN.findall(wanted) for word in _shortened(run, text)}
        lacking = [name for name in lacking if name not in short and not _is_in(others, name)]
    return not all(_spells_out(text, name) for name in lacking)


def _folded(text: str) -> str:
    """Folded, and "U-23" as "U23"."""
    return _HYPHEN.sub("", fold(text))


def _is_in(here: str, name: str) -> bool:
    """Whether a folded text has the beginning of a name, or of each one of "Juni-Agustus" or "Hull-based"."""
    names = [part for part in name.split("-") if len(part) > 2 and part[0].isupper()]
    for some in ([name], names):
        folded = [_folded(one) for one in some]
        told = (one if one[-1].isdigit() else one[:_NAME_BEGINNING] for one in folded)  # "Covid-19"
        if folded and all(one in here for one in told):
            return True
    return False


def _other_names(text: str) -> Iterator[str]:
    """Of what the text names by one of several equal names, or a month in digits, the others."""
    for name in set(_EQUAL.findall(text)):
        yield from _SAME_NAME[name]
    told = {date.month for date in read_dates(text)}
    yield from (name for name, month in MONTHS.items() if month in told)


def _shortened(run: str, text: str) -> Iterator[str]:
    """The words of a run of names that a word of the text is short for: by their initials, or by the
    beginnings of each."""
    words = [word for word in _PART.findall(run) if word[0].isupper()]
    short = sorted({word for word in _PART.findall(text) if word[0].isupper()})
    for start in range(len(words)):
        for end in range(start + 2, min(start + _MOST_WORDS, len(words)) + 1):
            some = words[start:end]
            # Two initials are anybody's: AS is not Arab Saudi.
            initials = "".join(word[0] for word in some) if len(some) > 2 else ""
            if initials in short or any(_shortens(word, some) for word in short):
                yield from some


def _shortens(name: str, words: Sequence[str]) -> bool:
    """Whether a name is made of the beginnings of all the words, in their order: "Jokowi", "Sulsel"."""
    name, reached = fold(name), {0}
    for word in map(fold, words):
        reached = {
            at + letters
            for at in reached
            for letters in range(_LEAST_BEGINNING, len(word) + 1)
            if name.startswith(word[:letters], at)
        }
    return len(name) >= _SHORTEST_NAME and len(name) in reached


def _spells_out(text: str, name: str) -> bool:
    """Whether a sentence of the text has the words that a name is short for, in a row: names whose initials
    are its letters, with the small words between them or without, or names of whose beginnings it is made; or
    those that are known to be written small. (Of any words some would do by chance: of articles without KPK a
    quarter have its initials in a row.)"""
    if (known := _WRITTEN_SMALL.get(name)) and known in fold(text):
        return True
    for sentence in split_sentences(text):
        words = _PART.findall(text[sentence.start : sentence.end])
        if not name.isupper():
            rows = (words[i : i + n] for i in range(len(words)) for n in range(2, _MOST_WORDS + 1))
            if any(all(word[0].isupper() for word in row) and _shortens(name, row) for row in rows):
                return True
            continue
        for some in (words, [word for word in words if word.lower() not in STOPWORDS]):
            initials = (w[0] if w[0].isupper() or w.lower() in STOPWORDS else " " for w in some)
            if name in "".join(initials).upper():
                return True
    return False
