"""What a question asks for: the kind of answer, the words to find, whether one sentence is enough."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from service.language import detect_language
from service.terms import STOPWORDS, fold, tokens

AnswerKind = Literal["person", "time", "place", "quantity", "reason", "manner", "thing"]

_IS = "is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must"
_OPENS = rf"(?= (?:exactly )?(?:{_IS})\b|['’]s\b|\W*\Z)"
_TOLD = "(?:about|idea|know|me|say|tell|us) "
_NAME_OF = "(?:what (?:is|was) the )?name of .{1,99}? "
_TIERS = tuple(
    re.compile("|".join(rf"(?P<{kind}>(?<!\w)(?:{pattern})\b)" for kind, pattern in tier))
    for tier in (
        (
            ("time", r"kapan(?:kah)?|tanggal berapa|tahun berapa|bulan apa|hari apa|jam berapa|pukul berapa"
             r"|abad (?:ke )?berapa|(?:in )?(?:what|which) (?:year|month|day|date|decade|century)|what time"
             rf"|{_TOLD}when|when{_OPENS}|(?:year|month|day|date|time) when"),
            ("quantity", r"berapa(?:kah)?|seberapa|apa (?:jumlah\w*|persentase)|jumlah apa"
             r"|how (?:many|much|old|long|tall|high|far|large|big|fast|often|deep|wide)"
             r"|what (?:percentage|percent|number|proportion|amount)"),
            ("place", r"(?:dari|ke) ?mana(?:kah)?|\A\W*di ?mana(?:kah)?|di ?mana(?:kah)?(?=\W*\Z)"
             rf"|{_TOLD}where|where{_OPENS}|{_NAME_OF}where"
             r"|(?:negara|kota|provinsi|daerah|pulau) (?:mana|apa)"
             r"|(?:what|which) (?:country|city|state|place|region|island)|(?:country|city|region|island) where"),
            ("person", r"siapa(?:kah)?|\A\W*(?:(?:and|but|so|by|for|from|to|with) )?who(?:m|se)?"
             rf"|(?:{_TOLD}|{_NAME_OF})who(?:m|se)?"),
            ("reason", r"mengapa|kenapa|apa (?:sebab|penyebab|alasan)\w*|apa yang menyebabkan|why|what caused"
             r"|what is the reason"),
            ("manner", r"bagaimana(?:kah)?|how"),
        ),
        (("thing", r"what"),),
        (("place", r"di ?mana(?:kah)?|where"), ("person", r"nama (?:lengkap|asli)|who(?:m|se)?")),
        (("thing", r"which|apa(?:kah)?|(?<!di )(?<!ke )(?<!dari )mana"),),
        (("time", r"when"), ("quantity", r"jumlah\w*|persentase")),
    )
)  # fmt: skip
"""The words that ask: of the first tier that has one, the first in the question ("tahun berapa" before
"berapa") tells the kind, of those at one place the first listed. The later tiers' words stand in clauses too
("how many … when it sank", "the man who …"), or beside a question word ("mengapa jumlah …")."""
_COMPARE = re.compile(
    r"\b(?:bandingkan|perbandingan|perbedaan|persamaan|bedanya|dibandingkan|versus|vs|compare|comparison"
    r"|differences?|similarit(?:y|ies)|differ)\b"
)
_DEFINE = re.compile(
    r"\b(?:apa(?:kah)? itu|apa(?:kah)? yang (?:di\s?maksud|disebut)|pengertian|definisi|arti|siapa(?:kah)?(?: itu)?|apakah"
    r"|what (?:is|are|was|were)|who (?:is|was)|define|definition)\b"
)
_LIST = re.compile(
    r"\b(?:apa saja|siapa saja|mana saja|di ?mana saja|kapan saja|sebutkan|daftar|berikan contoh|what are"
    r"|who (?:are|were)|list|name (?:the|all|some|two|three)|which ones)\b"
)
# What stands beside the number that answers, by the words that ask for it.
_RATES = (
    r"inflasi|inflation|pengangguran|unemployment|kemiskinan|poverty|pertumbuhan ekonomi|economic growth"
    r"|(?:suku )?bunga (?:bank|acuan|kredit|deposito|pinjaman)|suku bunga|interest"
)
_WAGES = r"upah|umr|ump|umk|wages?|salar(?:y|ies)"
_UNITS = tuple(
    (re.compile(rf"\b(?:{asked})\b"), re.compile(rf"(?:{unit})", re.IGNORECASE))
    for asked, unit in (
        (rf"persen|persentase|percent|percentage|(?:tinggi|besar|rendah|tingkat|laju|angka)(?:nya)? (?:{_RATES})"
         rf"|(?:{_RATES}) rates?|how (?:high|low|large) (?:is|are|was|were) (?:the )?(?:\w+ )?(?:{_RATES})",
         r"%|\bpersen|\bpercent"),
        (r"kecepatan|speed|how fast", r"\bkm/|\bkilomet\w+ (?:per|an) |\bmph\b|\bmil(?:es)? (?:per|an) |\bknot"),
        (r"suhu|temperatur\w*", r"°|\bderajat|\bdegrees?|\bcelsius"),
        (r"luas(?:nya)?|seluas|area", r"\bkm2|km²|\bhekta\w+|\bha\b|\bacres?|\bsquare|\bpersegi"),
        (r"(?<!rusak )(?<!luka )berat(?:nya)?|bobot\w*|weigh\w*", r"\bkg\b|\bkilogram|\bton(?:s|nes|ne)?\b|\bgram|\bpounds?\b"),
        (r"usia\w*|umur\w*|berapa lama|lama(?:nya)?|selama|how old|how long|duration",
         r"\b(?:tahun|bulan|minggu|pekan|hari|jam|menit|detik|years?|months?|weeks?|days?|hours?|minutes?|seconds?)\b"
         r"|\b(?:km|kilomet\w+|met(?:er|re)s?|miles?|feet)\b"),
        (rf"(?:panjang|tinggi)(?:nya)?(?! (?:{_WAGES}|harga|gaji|biaya|nilai|angka|tingkat))|sepanjang|ketinggian\w*"
         r"|lebar(?:nya)?|jarak\w*|jauh|kedalaman\w*|how (?:tall|high|far|deep|wide)|length|height|distance|elevation|depth",
         r"\b(?:km|kilomet\w+|met(?:er|re)s?|m|cm|sentimeter|centimet\w+|mil|miles?|feet|foot|kaki|inci|inch\w*)\b"),
        (rf"rupiah|dolar|dollars?|biaya\w*|harga\w*|dana|anggaran|gaji\w*|tinggi(?:nya)? (?:{_WAGES})|nilai\w*"
         r"|modal|laba|pendapatan|kerugian|costs?|price|worth|raised?|paid|pay|budget|revenue|profit|money",
         r"\brp(?=[\s.\d])|\brupiah|\bdolar|\bdollars?|\$|€|£|¥|\busd\b|\beuros?\b|\byen\b|\bringgit|\bgulden|\bpounds?\b"),
        (r"orang|jiwa|penduduk\w*|populasi\w*|korban|tewas|meninggal|people|population|deaths?|died|killed|victims?",
         r"\borang|\bjiwa|\bpenduduk|\bkorban|\btewas|\bmeninggal|\bpeople|\bpersons?|\bdeaths?|\bdied|\bkilled"
         r"|\bvictims?|\bresidents?|\binhabitants?"),
    )
)  # fmt: skip
_COUNTED = re.compile(
    r"\b(?:berapa(?:kah)?(?: banyak| jumlah)?|jumlah|how many|number of) (?!yang\b|banyak\b|kali\b)([^\W\d_]{3,})"
)
_NAME = re.compile(r"\b[A-Z][\w’'-]*|\b\w*\d[\w.,]*\b")
_WHO = re.compile(r"\bWHO\b(?<!\A...)|\AWHO\b(?! (?:is|are|was|were|has|have|had|did|does|will|won|can)\b)")
_FIRST_WORD = re.compile(r"\W*(\w+)")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, understood as far as rules go.

    `words` are its folded content words in order, `names` those that are capitalised or have digits
    (what a near miss usually changes). Of a quantity, `unit` matches what stands beside the number that
    answers ("kilometer" for a length) and `counted` is the word for the things that are counted, folded; None
    where the question doesn't tell.
    """

    text: str
    language: str
    kind: AnswerKind
    defines: bool
    compares: bool
    lists: bool
    words: tuple[str, ...]
    names: frozenset[str]
    unit: re.Pattern[str] | None
    counted: str | None

    @property
    def explains(self) -> bool:
        """Whether the answer may go on over several sentences."""
        return self.lists or self.kind in ("reason", "manner")

    @property
    def wants_several(self) -> bool:
        """Whether the answer is more than one statement."""
        return self.compares or self.lists


def understand(text: str) -> Question:
    """The question's kind, words and names."""
    # The organisation is no question word, unless all is in capitals.
    folded = fold(text if text.isupper() else _WHO.sub(" ", text))
    asking = next((match for tier in _TIERS if (match := tier.search(folded))), None)
    kind = cast(AnswerKind, asking.lastgroup) if asking else "thing"
    content = [w for w in dict.fromkeys(tokens(text)) if w not in STOPWORDS]
    names = {w for match in _NAME.finditer(text) for w in tokens(match.group())}
    opening = _FIRST_WORD.match(text)
    if opening and opening.group(1).islower() is False and fold(opening.group(1)) in STOPWORDS:
        names -= set(tokens(opening.group(1)))
    counted = _COUNTED.search(folded) if kind == "quantity" else None
    return Question(
        text=text,
        language=detect_language(text),
        kind=kind,
        defines=bool(_DEFINE.search(folded)),
        compares=bool(_COMPARE.search(folded)),
        lists=bool(_LIST.search(folded)),
        words=tuple(content or dict.fromkeys(tokens(text))),
        names=frozenset(n for n in names if n not in STOPWORDS),
        unit=next((u for asked, u in _UNITS if asked.search(folded)), None) if kind == "quantity" else None,
        counted=counted.group(1) if counted else None,
    )
