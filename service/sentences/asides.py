"""What is no part of the story: "Baca juga", promotion, bylines, credits, corrections, links to others.

Most of it is told by the words it opens with, where a line or a sentence begins. `_OPENINGS` and `_LABELS`
list them by their first word, so that a sentence that begins with another costs one look into a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.sentences.boundaries import END_MARKS, ENDS_LINE, is_boundary

_GROUP = r"\s+(?:di|ke|dengan)\s+(?:grup|channel|saluran|kanal)\b"
_AP_LINK = r"[\w\s]{1,30}:\s*https?:"
_FOLLOW = r"\s(?!the\b)(?=[^\n]{1,160}(?:\bon\s+(?:twitter|facebook|instagram)\b|@\w))"
_ADDRESSEE = r"(?:me|him|her|us|the\s+(?:reporter|author)|(?-i:[A-Z])[\w’'.-]*+)\b(?=[^\n]{1,160}\w@\w)"
_EARLIER_VERSION = r"(?:earlier|previous)\s+version\b"
_STORY = r"(?:story|article|report)"
_EARLIER_STORY = rf"\s+{_EARLIER_VERSION}\s+of\s+th(?:is|e)\s+{_STORY}\b"
_STORY_CHANGED = (
    rf"\s+{_STORY}\s+(?:has\s+been|was)\s+(?:updated|corrected|(?:originally|first)\s+published)\b"
)
_HERE = r"\s(?=[^\n]{1,120}\bhere\W*$)"
_OPINION = r"\s+ini\s+(?:merupakan|adalah)\s+(?:opini|pendapat|pandangan|tanggung\s+jawab)\b"

# The first words, and what follows one of them; capitals and white space in a pattern don't count.
_OPENINGS = (
    ("baca", r"\s+(?:juga|selengkapnya|lebih\s+lanjut)\b | \s*:"),
    ("lihat", r"\s+juga\b"),
    ("simak", r"\s+(?:juga|video|selengkapnya|pula)\b"),
    ("yuk ayo", r",?\s+simak\s+selengkapnya"),
    ("selengkapnya", r",?\s+(?:baca|klik)\b"),
    ("saksikan tonton", r"\s+(?:juga|video|live)"),
    ("artikel", r"\s+(?:terkait|ini\s+(?:telah|pertama\s+kali|ditulis|diadaptasi|diterjemahkan))"),
    ("tulisan artikel", _OPINION),
    ("berita", r"\s+(?:terkait|terpopuler|populer|lainnya)\W*$"),
    ("terpopuler", r"\W*$"),
    ("cek", r"\s+berita\s+dan\s+artikel"),
    ("gabung bergabung", _GROUP),
    ("mari", rf"\s+(?:ber)?gabung{_GROUP}"),
    ("iklan advertisement", r"\s*$"),
    ("gambas", r"\s*:"),
    ("scroll", r"\s+to\s+(?:continue|resume)"),
    ("loading", r"\W*$"),
    ("dapatkan", r"\s+update\s+berita"),
    ("ikuti", r"\s+(?:kami|berita|saluran|channel)"),
    ("jangan", r"\s+lewatkan\s+berita"),
    ("pilihan", r"\s+(?:editor|redaksi)\s*+(?::\s*+)?$"),
    ("unduh download", r"\s+(?:aplikasi|our\s+app|the\s+app)"),
    ("most", r"\s+(?:read|popular)\W*$"),
    ("read see", r"\s+also\b"),
    ("also", r"\s+read\b"),
    ("related", r"\s*:"),
    ("more", rf"\s*:\s*+\S | \s+ap\s+{_AP_LINK}"),
    ("ap", rf"\s+{_AP_LINK}"),
    ("sign", r"\s+up\s+for"),
    ("subscribe", r"\s+to"),
    ("follow join", r"\s+us\b"),
    ("follow", _FOLLOW),
    ("you", rf"\s+can\s+follow{_FOLLOW}"),
    ("contact reach email", rf"\s+{_ADDRESSEE}"),
    ("email", r"\s*:\s*\S{1,40}@"),
    ("e", rf"-mail(?:\s+{_ADDRESSEE} | \s*:\s*\S{{1,40}}@)"),
    ("get", r"\s+our\s+newsletter"),
    ("support", r"\s+local\s+journalism"),
    ("special", r"\s+access\s+for\s+subscribers\b"),
    ("just", r"\s+for\s+subscribers\b"),
    ("click", r"\s+here\b"),
    ("read view", _HERE),
    ("see", rf"\s+(?:the|our){_HERE}"),
    ("correction corrections", r"(?:\s*(?:&|and)\s*clarifications?)?\s*:"),
    ("clarification clarifications koreksi ralat", r"\s*:"),
    ("a an the", _EARLIER_STORY),
    ("this the", _STORY_CHANGED),
    ("editor", rf"['’]s\s+note\s*:(?=[^\n]{{1,120}}{_EARLIER_VERSION})"),
    ("from", r"\s[\w\s,]{0,40}\bwire\s+reports\W*$"),
    ("sumber source", r"\s*:\s*[^\s.!?][^.!?\n]{1,60}$"),
    ("copyright", r"\s*(?:©|\(c\)|\d{4})"),
    ("hak", r"\s+cipta\s*(?:©|\(c\)|\d{4})"),
    ("all", r"\s+rights\s+reserved\W*$"),
    ("foto fotos photo photos image images", r"\s+(?:by|oleh|courtesy)"),
    ("getty", r"\s+images\b"),
)
# Behind these the story itself may follow, where a text is all on one line.
_LABELS = (
    ("read", r"\s+more(?!\s+than)\b"),
    ("foto fotos photo photos image images video videos caption captions ilustrasi", r"\s*:"),
    ("sumber", r"\s+fotos?\s*:"),
    ("penulis reporter editor pewarta redaktur kontributor contributing", r"\s*:"),
    ("laporan", r"\s+wartawan\s*:"),
)
# Addresses, agencies and tags, which no word opens.
_FORMS = re.compile(
    r"""[^\w"“]{0,20}(?:
        [\w.-]{1,40}@[\w-]{1,40}(?:\.[\w-]{1,20}){1,3}$
      | (?-i:[A-Z])[\w.’' -]{3,40}\sis\s+at\s+https?:
      | (?-i:[A-Z])[\w.’'-]{1,20}(?:[ /][\w.’'-]{1,20}){1,4}/(?:getty\s+images|ap|afp|reuters)\s(?-i:[A-Z])
      | \(?\w{2,5}\s*/\s*\w{2,5}\)?\W*$
      | \((?:[^\W\d_]{2,14}(?:[ /][^\W\d_]{2,14}){0,2}|\w{2,5}/\w{2,10})\)[\s,.]*+(?:loading\W*)?$
      | (?:\#\w++\s*+)++(?:with\s+\w++)?[\s,]*$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# Never behind an opening quotation mark. At most one letter more than the longest word of the tables has.
_FIRST_WORD = re.compile(r"""[^\w"“]{0,20}+([^\W\d_]{1,15}+)""")

# Looked for at the end of a short line or sentence.
_CREDIT = re.compile(
    r"""\bcontributed\s(?:reporting\s)?to\sthis\s(?:report|story|article)(?:\sfrom\s[\w\s,.]{1,40})?\W*$
      | (?:/|\bvia\s)(?:Getty\sImages|AFP|REUTERS|Reuters|AP)\)?$ | \bclick\shere\.?$""",
    re.VERBOSE,
)
_CREDIT_WORDS = re.compile(r"contributed\s|/|via\s|click\s")
_INVITATION = re.compile(
    r"\b(?:our|your\s+inbox)\b|\b(?:sign\s+up|subscribe)\s+(?:here|now|today)\b|:\s*(?:sign\s+up|subscribe)\b",
    re.IGNORECASE,
)
# "More trouble:Minister resigns after a week": a link to another story, set without a space.
_KICKER = re.compile(r"[^\W\d_][^.:\n]{1,60}[\w?!)'’]:(?=[A-Z'‘\"“])(?:\S+\s+){4}[^\n]{1,160}$")
_SIGNATURE = re.compile(r"(?:—|--)\s*(?:[A-Z][\w.'’-]*+\s*+){2,4}+$")
# Possessive: a line in capitals can be cut into names in more ways than anybody can wait for.
_BYLINE = re.compile(r"^(?:[Oo]leh|OLEH|[Bb]y|BY)(?:\s*+:\s++|\s++)(?:[A-Z][\w.'’-]*+[\s,]*+){1,6}+$")
_LETTER = re.compile(r"[^\W_]")
_NOTE_CHARS, _CREDIT_CHARS = 300, 100
_ASIDE_CHARS = 400
"""A longer line that opens as an aside does is not one whole: each of its sentences is looked at."""
_LABELLED_CHARS = 160
"""Behind a label, a longer line of several sentences is the story, where a text is all on one line."""

# "JAKARTA, KOMPAS.com - ", "Jakarta (ANTARA) - ", "LONDON, March 3 (Reuters) — ": a place and who reports,
# the one in capitals or the other told. A bare "Jakarta - " may open "Jakarta - Bandung".
_PLACE = r"[A-Z][\w.'’]*(?:[ /][A-Z][\w.'’]*){0,3}"
_AGENCY = r"\(\s*(?:[A-Z]{2,}|Reuters|[\w.]+\.com?\b)[^()\n]{0,20}\)"
_DATELINE = re.compile(
    rf"(?:{_PLACE}\s*(?:,\s*[\w./ ]{{1,30}}?)?{_AGENCY}|{_PLACE}\s*,\s*{_PLACE}"
    r"|[A-Z]{5,}(?:[ /][A-Z]{3,}){0,2})\s*(?:--?|–|—)\s+(?=[A-Z\"“‘])"
)
_DATELINE_MARK = re.compile(r"\b[A-Z]{2,}\b|\.com?\b|\(Reuters")


def is_aside(line: str) -> bool:
    """Whether a whole line is one."""
    if is_note(line) and (len(line) <= _LABELLED_CHARS or _is_one_note(line)):
        return True
    return bool(_BYLINE.match(line) or _SIGNATURE.match(line)) or _is_kicker(line)


def _is_one_note(line: str) -> bool:
    labelled = _after_first_word(_LABEL_AFTER, line, 0, len(line))
    if len(line) <= _ASIDE_CHARS and not labelled:
        return True
    return not any(is_boundary(line, *m.span()) for m in END_MARKS.finditer(line))


def is_note(piece: str) -> bool:
    """Whether a line or sentence opens as an aside, is a credit or an invitation, or has no letter."""
    if not _LETTER.search(piece) or opening_end(piece, 0, len(piece)):
        return True
    if len(piece) > _NOTE_CHARS or piece[0] in "\"“'‘":
        return False
    at = max(0, len(piece) - _CREDIT_CHARS)
    if _CREDIT_WORDS.search(piece, at) and _CREDIT.search(piece, at):
        return True
    return "newsletter" in piece.lower() and bool(_INVITATION.search(piece)) and not re.search('["“]', piece)


def opening_end(text: str, start: int, end: int) -> int:
    """Where the words end with which `text[start:end]` opens as an aside does; 0 where it opens otherwise."""
    found = _after_first_word(_OPENING_AFTER, text, start, end) or _FORMS.match(text, start, end)
    return found.end() if found else 0


def _after_first_word(
    table: dict[str, re.Pattern[str]], text: str, start: int, end: int
) -> re.Match[str] | None:
    first = _FIRST_WORD.match(text, start, end)
    following = first and table.get(first[1].lower())
    return following.match(text, first.end(), end) if first and following else None


def dateline_end(block: str) -> int:
    """How many characters of a paragraph are its dateline, with the space behind; 0 where it has none."""
    found = _DATELINE.match(block)
    return found.end() if found and _DATELINE_MARK.search(found.group()) else 0


def _is_kicker(line: str) -> bool:
    return len(line) <= _NOTE_CHARS and bool(_KICKER.match(line)) and not ENDS_LINE.search(line)


def _by_first_word(rows: Iterable[tuple[str, str]]) -> dict[str, re.Pattern[str]]:
    following: dict[str, list[str]] = {}
    for words, pattern in rows:
        for word in words.split():
            following.setdefault(word, []).append(f"(?:{pattern})")
    return {
        word: re.compile("|".join(patterns), re.IGNORECASE | re.VERBOSE)
        for word, patterns in following.items()
    }


_OPENING_AFTER, _LABEL_AFTER = _by_first_word(_LABELS + _OPENINGS), _by_first_word(_LABELS)
