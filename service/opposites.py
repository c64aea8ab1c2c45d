"""Words that exclude one another, compared in their place: "some" for "all", "may" for "will", a fall for a
rise, and which is the cause and which the effect.

A word of a sentence that excludes one of the text counts where the same words stand on both sides of the two,
within their sentences; a word there that says no less settles it the other way. Of two texts in one language:
words on either side tell nothing across languages. What is denied ("not all") is left to the model.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.sentences import split_sentences
from service.terms import content_beginnings

NEGATION = re.compile(
    r"\b(?:tidak|tak|bukan|belum|tanpa|jangan|batal|gagal|bantah|membantah|dibantah|not|no|never|none|neither|nor"
    r"|without|denied|denies|deny|failed|cannot)\b|n['’]t\b",
    re.IGNORECASE,
)  # fmt: skip
_SCALES: Mapping[str, Mapping[str, str]] = {
    "share": {
        "all": "semua, seluruh, seluruhnya, semuanya, segenap, setiap, tiap, all, every, each, whole, entire",
        "most": "sebagian besar, kebanyakan, mayoritas, most, majority",
        "many": "banyak, many, numerous, lots of, plenty of, a lot of",
        "some": "sebagian, beberapa, sejumlah, some, several, a few, part of",
        "few": "sedikit, segelintir, sebagian kecil, minoritas, few, minority",
    },
    "bound": {
        "more": "lebih dari, di atas, melebihi, melampaui, more than, exceed, exceeds, exceeded",
        "at least": "minimal, paling sedikit, setidaknya, sekurang-kurangnya, at least, sedikitnya, "
        "sekurangnya, no fewer than, not less than, tidak kurang dari, tak kurang dari",
        "nearly": "hampir, nyaris, nearly, almost",
        "less": "kurang dari, di bawah, less than, fewer than",
        "at most": "maksimal, maksimum, paling banyak, paling lama, at most, up to, no more than, "
        "not more than, tidak lebih dari, tak lebih dari",
    },
    "comparison": {
        "greater": "lebih tinggi, lebih besar, lebih banyak, higher, larger, bigger, greater",
        "smaller": "lebih rendah, lebih kecil, lebih sedikit, lower, smaller",
    },
    "extreme": {
        "greatest": "tertinggi, terbesar, terbanyak, highest, largest, biggest, greatest",
        "least": "terendah, terkecil, tersedikit, lowest, smallest",
    },
    "direction": {
        "up": "naik, meningkat, menaikkan, meningkatkan, kenaikan, peningkatan, bertambah, tumbuh, "
        "melonjak, menguat, raise, raised, jump, jumped, climbed, gained, rise, rises, rose, risen, rising, "
        "increase, increases, increased, increasing, grow, grows, grew, growth",
        "down": "turun, menurun, menurunkan, penurunan, berkurang, mengurangi, merosot, anjlok, melemah, "
        "cut, slipped, fall, falls, fell, fallen, falling, decrease, decreases, decreased, decreasing, "
        "decline, declines, declined, drop, drops, dropped, reduce, reduces, reduced",
    },
    "frequency": {
        "always": "selalu, senantiasa, always",
        "often": "sering, seringkali, kerap, acap kali, biasanya, often, frequently, usually",
        "sometimes": "kadang, kadang-kadang, terkadang, sesekali, sometimes, occasionally",
        "rarely": "jarang, rarely, seldom, tidak pernah, tak pernah, never",
    },
    "order": {
        "first": "pertama, perdana, first",
        "second": "kedua, second",
        "last": "terakhir, last, final",
    },
    "time": {
        "before": "sebelum, jelang, menjelang, before, prior to, ahead of",
        "after": "setelah, sesudah, usai, seusai, sehabis, selepas, pasca, after",
    },
    "exclusion": {
        "only": "hanya, cuma, sekadar, only, merely, solely",
        "not only": "tidak hanya, bukan hanya, tak hanya, tidak cuma, bukan cuma, tak cuma, bukan sekadar, "
        "bukan saja, not only, not just, not merely",
    },
    "duty": {
        "must": "harus, wajib, mesti, diwajibkan, must, have to, has to, had to, required to",
        "should": "sebaiknya, seharusnya, semestinya, should, ought to",
        "may": "boleh, bisa, dapat, diperbolehkan, may, can, could, allowed to, able to",
    },
    "reality": {
        "done": "telah, sudah, berhasil, terbukti, already, managed to, proven, proved, proves",
        "not yet": "belum, not yet",
        "certain": "pasti, dipastikan, certain, certainly, confirmed, surely, definitely",
        "will": "akan, bakal, will, would, shall, going to",
        "planned": "berencana, rencananya, merencanakan, ingin, hendak, berupaya, diharapkan, berharap, "
        "plan to, plans to, planned to, hope to, hopes to, hoped to, want to, wants to, wanted to, try to, "
        "tries to, tried to, aims to, expected",
        "possible": "mungkin, bisa saja, kemungkinan, berpotensi, diduga, diperkirakan, may, might, could, "
        "possibly, perhaps, likely, alleged, allegedly, suspected, suggest, suggests, suggested",
        "refused": "menolak, refuse to, refuses to, refused to",
    },
    "decision": {
        "proposed": "mengusulkan, diusulkan, membahas, dibahas, propose, proposes, proposed, discussed",
        "decided": "memutuskan, diputuskan, menyetujui, disetujui, menetapkan, mengesahkan, disahkan, "
        "passed, approve, approves, approved, decided",
    },
}
"""Of each scale the places, and the words that say them: two places of one scale exclude each other."""
CHANGES = tuple(word for words in _SCALES["direction"].values() for word in words.split(", "))
"""Words of a rise or a fall."""
_SAYS_NO_LESS = {
    ("many", "most"), ("many", "all"), ("some", "many"), ("some", "few"), ("most", "many"), ("many", "some"),
    ("at least", "more"), ("at most", "less"), ("less", "at most"), ("nearly", "less"), ("less", "nearly"),
    ("often", "always"), ("should", "must"), ("will", "certain"), ("will", "planned"), ("planned", "will"),
    ("planned", "possible"), ("possible", "planned"), ("certain", "will"), ("certain", "done"),
    ("done", "certain"),
}  # fmt: skip
"""(Place of the sentence, place of the text): what the text says covers what the sentence says, or is too
near to it to exclude it."""
_BESIDE = 2
"""Words that tell something, on either side, that are compared."""
_DENIAL = re.compile(
    r"(?:\b(?:tidak|tak|bukan|belum|jangan|not|no|never)|n['’]t)\s+(?:\w+\s+)?$", re.IGNORECASE
)
_DENIED = re.compile(r"\s+(?:tidak|not)\b", re.IGNORECASE)
_NAMES = frozenset({"May", "Will"})
"""A month and a name where they are written so within a sentence."""
_CAUSE_LAST = (
    "karena, sebab, akibat, disebabkan oleh, disebabkan, dipicu, because of, because, due to, owing to, "
    "was caused, were caused, is caused, are caused, was triggered, were triggered, caused by"
)
_CAUSE_FIRST = (
    "menyebabkan, mengakibatkan, sehingga, membuat, memicu, caused, causes, led to, leads to, resulted in, "
    "results in, triggered"
)
_THEREFORE = re.compile(r"\s+(?:itu|ini|this|that)\b", re.IGNORECASE)

Place = tuple[str, str]
"""A scale and a place on it."""


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",")]


def _pattern(words: Collection[str]) -> re.Pattern[str]:
    """Any of the words, whole, the longest first."""
    some = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{some})(?![\w-])", re.IGNORECASE)


def _read_scales() -> dict[str, frozenset[Place]]:
    found: dict[str, set[Place]] = {}
    for scale, places in _SCALES.items():
        for place, words in places.items():
            for word in _split(words):
                found.setdefault(word, set()).add((scale, place))
    return {word: frozenset(places) for word, places in found.items()}


_PLACES = _read_scales()
_WORDS = _pattern(_PLACES)
_LINKS = dict.fromkeys(_split(_CAUSE_LAST), True) | dict.fromkeys(_split(_CAUSE_FIRST), False)
_LINK = _pattern(_LINKS)


@dataclass(frozen=True, slots=True)
class Placed:
    """A word of scales: its places, and the beginnings of the words before and behind it that tell
    something, the nearest `_BESIDE` of its sentence."""

    places: frozenset[Place]
    before: frozenset[str]
    after: frozenset[str]

    def stands_where(self, other: Placed) -> bool:
        """Whether words on both sides are the same; where a sentence begins or ends with one of the two, all
        of those on the other side."""
        if self.before & other.after or self.after & other.before:
            return False  # "rice costs more than maize": maize costs less than rice
        before, after = len(self.before & other.before), len(self.after & other.after)
        if not self.before or not other.before:
            return after == _BESIDE
        if not self.after and not other.after:
            return before == _BESIDE
        return before > 0 and after > 0

    def is_told_by(self, other: Placed) -> bool | None:
        """Whether the other one says no less; None where the two are of different scales."""
        both = [(a, b) for s, a in self.places for t, b in other.places if s == t]
        return any(a == b or (a, b) in _SAYS_NO_LESS for a, b in both) if both else None


def says_opposite(text: str, wanted: str) -> bool:
    """Whether `wanted` has a word of a scale in a place where `text`, in the same language, has one that
    excludes it, or takes its cause for its effect."""
    sentences, said = _sentences(text), _sentences(wanted)
    words = [word for sentence in said for word in _placed(sentence)]
    there = [list(_placed(sentence)) for sentence in sentences] if words else []
    return any(_is_excluded(word, there) for word in words) or _exchanges_cause(sentences, said)


def _is_excluded(word: Placed, there: Iterable[list[Placed]]) -> bool:
    """Whether a sentence has a word that excludes this one in its place, and none tells it: there in any
    place, elsewhere in the same."""
    excluded = False
    for sentence in there:
        here = {word.is_told_by(other) for other in sentence if word.stands_where(other)}
        if True in here or (False in here and any(word.is_told_by(other) for other in sentence)):
            return False
        excluded = excluded or False in here
    return excluded


def _sentences(text: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in split_sentences(text)]


def _placed(sentence: str) -> Iterator[Placed]:
    """The words of scales that aren't denied, in text order."""
    for match in _WORDS.finditer(sentence):
        name = match.group() in _NAMES and match.start() > 0
        denied = _DENIAL.search(sentence, 0, match.start()) or _DENIED.match(sentence, match.end())
        if not name and not denied:
            before = content_beginnings(sentence[: match.start()])[-_BESIDE:]
            after = content_beginnings(sentence[match.end() :])[:_BESIDE]
            yield Placed(_PLACES[match.group().casefold()], frozenset(before), frozenset(after))


def _exchanges_cause(sentences: Sequence[str], said: Sequence[str]) -> bool:
    """Whether a cause and its effect in `said` are an effect and its cause in `sentences`, and nowhere as
    they are in `said`."""
    causes = list(_causes(sentences))
    for cause, effect in _causes(said):
        fits = [
            (len(cause & other) + len(effect & result)) - (len(cause & result) + len(effect & other))
            for other, result in causes
            if (cause & result and effect & other) or (cause & other and effect & result)
        ]
        if fits and max(fits) < 0:
            return True
    return False


def _causes(sentences: Iterable[str]) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """The words of each cause and of its effect. A question leaves one of them out, and "because of that" has
    it in another sentence."""
    for sentence in sentences:
        if sentence.rstrip().endswith("?"):
            continue
        for match in _LINK.finditer(sentence):
            cause_last = _LINKS[match.group().casefold()]
            before, after = sentence[: match.start()], sentence[match.end() :]
            if _THEREFORE.match(after):
                continue
            if not content_beginnings(before) and cause_last:
                # "Because of the rain, the road is closed."
                after, _, before = after.partition(",")
            if cause_last:
                before, after = after, before
            cause, effect = frozenset(content_beginnings(before)), frozenset(content_beginnings(after))
            if cause and effect:
                yield cause, effect
