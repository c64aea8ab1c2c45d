"""Whether a sentence can be understood alone."""

from __future__ import annotations

import re

# Each pattern is looked for at the beginning of the sentence, after an opening quotation mark.
_PRONOUN = (
    r"ia|dia|mereka|beliau|(?:menurut|kata|bagi)(?:nya| (?:dia|ia|beliau|mereka))|keduanya|ketiganya|hal (?:itu|ini|tersebut)|itu(?:lah)?|ini(?:lah)?|di (?:sana|situ|sini)"
    r"|he|she|it|they|this|that|these|those|his|her|its|their|both|there|such|the (?:latter|former|two|three|pair|duo)"
)
_CONNECTIVE = (
    r"namun|tetapi|tapi|akan tetapi|sebaliknya|selain itu|di samping itu|oleh (?:karena|sebab) itu|karena itu|akibatnya"
    r"|dengan (?:demikian|begitu)|kemudian|lalu|selanjutnya|setelah itu|sebelumnya|sesudah itu|sementara itu"
    r"|(?:pada )?(?:saat|waktu|ketika|masa) (?:itu|yang sama)|bahkan|padahal|meski (?:demikian|begitu)|walau begitu"
    r"|however|but|instead|also|then|meanwhile|therefore|thus|consequently|moreover|furthermore|in addition|as a result"
    r"|by contrast|in contrast|nevertheless|afterwards?|later|since then|at the time|so"
)
_POINTING = (
    r"(?:\S+ ){1,3}(?:itu|tersebut|ini)\b"
    r"|the (?:company|firm|group|agency|team|man|woman|report|study|move|deal|decision|law|plan|project|event|city"
    r"|country|institution|organi[sz]ation|official|minister|statement|announcement|survey|figure|number)\b(?! (?:of|by)\b)(?! (?-i:[A-Z]))"
)
_SAYS_WHO = r"(?:kata|ujar|tutur|jelas|ungkap|ucap|tegas|imbuh|lanjut|papar|sebut)(?:nya|\s+(?:dia|ia|beliau)\b)|\b(?:he|she|they) (?:said|added|told)"
_OPENING = re.compile(rf"[\W_]*(?:(?:{_PRONOUN}|{_CONNECTIVE})\b|{_POINTING})", re.IGNORECASE)
_ATTRIBUTION = re.compile(rf"\b(?:{_SAYS_WHO})", re.IGNORECASE)
# "Tahun ini", "Saat ini" point at the day of writing, not at a sentence.
_NOT_POINTING = re.compile(
    r"[\W_]*(?:(?:pada )?(?:tahun|bulan|pekan|minggu|hari|saat|kali|sekarang|dewasa|selama|hingga|sampai)(?: \S+)? ini"
    r"|there (?:is|are|was|were)\b)",
    re.IGNORECASE,
)


def needs_context(sentence: str) -> bool:
    """Whether it opens with a pronoun, a connective or something pointed at ("perusahaan itu"), or
    attributes its words to somebody whom only a pronoun names. A rule of thumb: it errs towards
    quoting one sentence more."""
    if _NOT_POINTING.match(sentence):
        return bool(_ATTRIBUTION.search(sentence))
    return bool(_OPENING.match(sentence) or _ATTRIBUTION.search(sentence))
