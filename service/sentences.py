"""Text → sentences, headings and asides, each an exact slice.

A wrong boundary becomes a half sentence in somebody's answer, so in doubt two sentences stay
together. A full stop ends a sentence only before white space and something that can begin one, not
after an abbreviation, an initial or an enumerator, and not inside a quotation or a parenthesis. What is no
part of the story is an aside only where its end can be told; in doubt it stays a sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise

from service.records import Sentence, SentenceKind

# Followed by a name or a number, so never the end of a sentence.
_BEFORE_NAME = frozenset(
    """dr drs dra ir prof h hj kh ust tgk st tn ny nn sdr sdri jend letjen mayjen brigjen kol letkol kapt
    irjen komjen kombes akbp akp kompol iptu ipda aiptu aipda bripka brigpol serka serda kades pt cv ud
    fa jl jln gg kel kec kab rt rw a.n u.p d.a s.d c.q mr mrs ms messrs gen col lt sgt capt cmdr maj rep
    sen gov pres hon rev fr mt ft ave blvd e.g i.e cf vs v approx ca al""".split()
)
# Followed by a digit or a Roman numeral: "No. 5 Tahun 2020"; "No. Not at all" is two sentences.
_BEFORE_NUMBER = frozenset(
    """no nos nomor vol hal hlm pp p art ps fig ed ch sec par jan feb mar apr mei jun jul agu aug sep sept
    okt oct nov des dec rp tgl bab""".split()
)
# These end a sentence or stand inside one; what follows decides.
_AMBIGUOUS = frozenset(
    """tbk inc ltd corp co llc jr sr a.m p.m am pm ph.d m.d m.sc m.si s.h m.h s.e m.m s.t s.ag m.pd s.pd
    b.a m.a b.sc m.eng s.kom s.sos s.ip m.kn sp.pd esq est dept univ gov no""".split()
)
# Words that open sentences and seldom stand capitalised inside them.
SENTENCE_OPENERS = frozenset(
    """ia dia mereka kami kita saya beliau ini itu hal hasil namun tetapi tapi meski meskipun sementara
    selain sebelumnya setelah sesudah ketika saat pada di dari untuk dengan dalam karena oleh menurut
    adapun akan apabila bila jika kalau sebab sebagai sejak seperti tidak bukan bahkan kemudian lalu
    selanjutnya akibatnya sedangkan padahal perusahaan para pihak semua banyak the he she it they we i
    you this that these those in on at by for from with after before when while as if but and or however
    although though since there here his her its their our an many some most all no yes meanwhile
    according during under what who why how where""".split()
)

# Possessive, and only from where a run of marks begins: a run that ends nothing is read once.
_TERMINATOR = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s|$)|[。！？]++[」』”]*+")
_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_WORD_BEFORE = re.compile(r"[^\s(\[\"'“‘«/]+$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]|(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
_ROMAN_OR_DIGIT = re.compile(r"\d|[IVXLC]+\b")
_NEXT_WORD = re.compile(r"\w+")
_BULLET = re.compile(r"\s*(?:[-*•–—·]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+")
_MARKDOWN_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_ENDS_LINE = re.compile(r"[.!?…。！？:;][\"'”’»)\]]*$")
_HEADING_WORDS, _HEADING_CHARS = 14, 100
_QUOTATION_CHARS, _PARENTHESIS_CHARS = 600, 300
_WRAP_CHARS = 60
_REACH_CHARS = 60
_LONGEST_CHARS = 2_000
_NOT_SPACE = re.compile(r"\S")

# Matched where a line or a sentence begins, never behind an opening quotation mark.
_ASIDE = re.compile(
    r"""[^\w"“]{0,20}(?:
        baca\s+(?:juga|selengkapnya|lebih\s+lanjut)\b | lihat\s+juga\b
      | simak\s+(?:juga|video|selengkapnya|pula)\b
      | baca\s*: | selengkapnya,?\s+(?:baca|klik)\b | (?:yuk|ayo),?\s+simak\s+selengkapnya
      | (?:saksikan|tonton)\s+(?:juga|video|live)
      | artikel\s+(?:terkait|ini\s+(?:telah|pertama\s+kali|ditulis|diadaptasi|diterjemahkan))
      | (?:tulisan|artikel)\s+ini\s+(?:merupakan|adalah)\s+(?:opini|pendapat|pandangan|tanggung\s+jawab)\b
      | berita\s+(?:terkait|terpopuler|populer|lainnya)\W*$ | (?:terpopuler|most\s+(?:read|popular))\W*$
      | cek\s+berita\s+dan\s+artikel
      | (?:mari\s+)?(?:ber)?gabung\s+(?:di|ke|dengan)\s+(?:grup|channel|saluran|kanal)\b
      | scroll\s+to\s+(?:continue|resume) | loading\W*$
      | read\s+also\b | also\s+read\b | see\s+also\b | related\s*: | more\s*:\s*+\S | advertisement\s*$
      | (?:more\s+)?ap\s+[\w\s]{1,30}:\s*https?:
      | iklan\s*$ | gambas\s*:
      | (?P<label> read\s+more(?!\s+than)\b
          | (?:foto|photo|image|video|caption|ilustrasi|sumber\s+foto)s?\s*:
          | (?:penulis|reporter|editor|pewarta|redaktur|kontributor|laporan\s+wartawan|contributing)\s*: )
      | (?:sumber|source)\s*:\s*[^\s.!?][^.!?\n]{1,60}$
      | dapatkan\s+update\s+berita | ikuti\s+(?:kami|berita|saluran|channel) | sign\s+up\s+for
      | subscribe\s+to | (?:follow|join)\s+us\b | (?:unduh|download)\s+(?:aplikasi|our\s+app|the\s+app)
      | (?:you\s+can\s+)?follow\s(?!the\b)(?=[^\n]{1,160}(?:\bon\s+(?:twitter|facebook|instagram)\b|@\w))
      | (?:contact|reach|e-?mail)\s+(?:me|him|her|us|the\s+(?:reporter|author)|(?-i:[A-Z])[\w’'.-]*+)\b
          (?=[^\n]{1,160}\w@\w)
      | e-?mail\s*:\s*\S{1,40}@ | [\w.-]{1,40}@[\w-]{1,40}(?:\.[\w-]{1,20}){1,3}$
      | (?-i:[A-Z])[\w.’' -]{3,40}\sis\s+at\s+https?:
      | get\s+our\s+newsletter | jangan\s+lewatkan\s+berita | pilihan\s+(?:editor|redaksi)\s*+(?::\s*+)?$
      | support\s+local\s+journalism | (?:special\s+access|just)\s+for\s+subscribers\b | click\s+here\b
      | (?:read|view|see\s+the|see\s+our)\s(?=[^\n]{1,120}\bhere\W*$)
      | corrections?(?:\s*(?:&|and)\s*clarifications?)?\s*: | clarifications?\s*: | (?:koreksi|ralat)\s*:
      | (?:an?|the)\s+(?:earlier|previous)\s+version\s+of\s+th(?:is|e)\s+(?:story|article|report)\b
      | th(?:is|e)\s+(?:story|article|report)\s+(?:has\s+been|was)\s+(?:updated|corrected
          |(?:originally|first)\s+published)\b
      | editor['’]s\s+note\s*:(?=[^\n]{1,120}(?:earlier|previous)\s+version\b)
      | from\s[\w\s,]{0,40}\bwire\s+reports\W*$
      | (?:copyright|hak\s+cipta)\s*(?:©|\(c\)|\d{4}) | all\s+rights\s+reserved\W*$
      | (?:foto|photo|image)s?\s+(?:by|oleh|courtesy) | getty\s+images\b
      | (?-i:[A-Z])[\w.’'-]{1,20}(?:[ /][\w.’'-]{1,20}){1,4}/(?:getty\s+images|ap|afp|reuters)\s(?-i:[A-Z])
      | \(?\w{2,5}\s*/\s*\w{2,5}\)?\W*$
      | \((?:[^\W\d_]{2,14}(?:[ /][^\W\d_]{2,14}){0,2}|\w{2,5}/\w{2,10})\)[\s,.]*+(?:loading\W*)?$
      | (?:\#\w++\s*+)++(?:with\s+\w++)?[\s,]*$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# Looked for at the end of a short line or sentence.
_CREDIT = re.compile(
    r"""\bcontributed\s(?:reporting\s)?to\sthis\s(?:report|story|article)(?:\sfrom\s[\w\s,.]{1,40})?\W*$
      | (?:/|\bvia\s)(?:Getty\sImages|AFP|REUTERS|Reuters|AP)\)?$ | \bclick\shere\.?$""",
    re.VERBOSE,
)
_INVITATION = re.compile(
    r"\b(?:our|your\s+inbox)\b|\b(?:sign\s+up|subscribe)\s+(?:here|now|today)\b|:\s*(?:sign\s+up|subscribe)\b",
    re.IGNORECASE,
)
_NOTE_CHARS, _CREDIT_CHARS = 300, 100
# "More trouble:Minister resigns after a week": a link to another story, set without a space.
_KICKER = re.compile(r"[^\W\d_][^.:\n]{1,60}[\w?!)'’]:(?=[A-Z'‘\"“])(?:\S+\s+){4}[^\n]{1,160}$")
_LETTER = re.compile(r"[^\W_]")
_SIGNATURE = re.compile(r"(?:—|--)\s*(?:[A-Z][\w.'’-]*+\s*+){2,4}+$")

# A text that was scraped into one line: its paragraphs are joined by commas, `kata dia.,Setelah itu`.
_JOIN = re.compile(r"(?<=[.!?…\"'”’»)\]])\s*+,[\s,]*+")
_ASIDE_END = re.compile(r"(?<![\s,])\s*+,[\s,]*+(?=[A-Z\"“(#])")
# What was left of a linked dateline where such a text begins: ", - Harga beras", "-,Harga beras".
_REMNANT = re.compile(r"[\s,]*+(?:[-–—](?![-–—\d])[\s,]*+)?")
_DEGREE = re.compile(r"[A-Z][A-Za-z]{0,3}\.")
_INSET = re.compile(
    r"\[(?i:gambas|video|foto|baca\s+juga|lihat\s+juga|simak\s+juga)\b[^\[\]\n]{0,200}+\]"
    r"|\b(?:ADVERTISEMENT\s{1,3})?SCROLL\sTO\s(?:CONTINUE|RESUME)\s(?:WITH\s)?(?:CONTENT|READING)\b"
)
_INSET_BEFORE = re.compile(r"[.!?…][\"'”’»)\]]{0,3}[\s,]{0,4}$")
_CLOSERS = "\"'”’»)]"
_CLOSERS_READ = 4
_FULL_WORD_CHARS = 4
# "JAKARTA, KOMPAS.com - ", "Jakarta (ANTARA) - ", "LONDON, March 3 (Reuters) — ": a place and who reports,
# the one in capitals or the other told. A bare "Jakarta - " may open "Jakarta - Bandung".
_PLACE = r"[A-Z][\w.'’]*(?:[ /][A-Z][\w.'’]*){0,3}"
_AGENCY = r"\(\s*(?:[A-Z]{2,}|Reuters|[\w.]+\.com?\b)[^()\n]{0,20}\)"
_DATELINE = re.compile(
    rf"(?:{_PLACE}\s*(?:,\s*[\w./ ]{{1,30}}?)?{_AGENCY}|{_PLACE}\s*,\s*{_PLACE}"
    r"|[A-Z]{5,}(?:[ /][A-Z]{3,}){0,2})\s*(?:--?|–|—)\s+(?=[A-Z\"“‘])"
)
_LABELLED_CHARS = 160
"""Behind a label, a longer line of several sentences is the story, where a text is all on one line."""
_DATELINE_MARK = re.compile(r"\b[A-Z]{2,}\b|\.com?\b|\(Reuters")
_SHORTEST_REPEATED_CHARS = 40
_ASIDE_CHARS = 400
"""A longer line that opens as an aside does is not one whole: each of its sentences is looked at."""
_NAME_ONLY = re.compile(
    r"(?:[A-Z]{4,}+|(?:[A-Z][\w.'’-]*+\s++(?:\|\s++)?+){1,6}+(?:[A-Z][\w.'’-]*+)?)[\s,]*+$"
)
_HEADLINE_WORDS = 5
_TITLE_WORD_LETTERS = 4
_TITLE_SHARE, _TITLE_SHARE_BELOW_HEADING = 0.8, 0.6
_MOST_COMMAS = 2
# What a title has seldom and an address or the line of a list has often.
_ADDRESS = re.compile(
    r"\b(?:jalan|jl|jln|nomor|no|kecamatan|kelurahan|kabupaten|rt|rw|telp|telepon|street|road|avenue|suite|phone)\b"
    r"|\d{5}|@|https?:|www\.|;|\d\s*:",
    re.IGNORECASE,
)
# Possessive: a line in capitals can be cut into names in more ways than anybody can wait for.
_BYLINE = re.compile(r"^(?:[Oo]leh|OLEH|[Bb]y|BY)(?:\s*+:\s++|\s++)(?:[A-Z][\w.'’-]*+[\s,]*+){1,6}+$")


def split_sentences(text: str) -> list[Sentence]:
    """The sentences, headings and asides of `text`, in order.

    They don't overlap, are trimmed, and together cover every character that isn't white space.
    An empty or blank text has none.
    """
    found: list[Sentence] = []
    for start, end, kind in _blocks(text):
        if kind == "sentence":
            found.extend(_split_block(text, start, end))
        else:
            found.append(Sentence(start, end, kind))
    return found


def _blocks(text: str) -> list[tuple[int, int, SentenceKind]]:
    """Paragraphs, with hard-wrapped lines joined; headings and asides stand alone."""
    parts = _parts(text)
    lines = [(start, end) for start, end, _ in parts]
    blocks: list[tuple[int, int, SentenceKind]] = []
    seen: set[str] = set()
    for i, (start, end, aside) in enumerate(parts):
        if aside:
            blocks.append((start, end, "aside"))
            continue
        line = text[start:end]
        joined = i > 0 and parts[i - 1][2] and text[start - 1] in ", "
        repeated = len(line) >= _SHORTEST_REPEATED_CHARS and line.casefold() in seen
        seen.add(line.casefold())
        credit = _BYLINE.match(line) or _SIGNATURE.match(line)
        if repeated or credit or _is_aside(line) or _is_kicker(line):
            blocks.append((start, end, "aside"))
        elif (
            _MARKDOWN_HEADING.match(line)
            or (not joined and _is_heading(text, lines, i, blocks[-1][2] if blocks else None))
            or (not joined and i + 1 == len(lines) and _is_last_headline(text, line, blocks))
        ):
            blocks.append((start, end, "heading"))
        elif blocks and _continues(text, blocks[-1], lines[i - 1], start):
            blocks[-1] = (blocks[-1][0], end, "sentence")
        else:
            blocks.append((start, end, "sentence"))
    return blocks


def _parts(text: str) -> list[tuple[int, int, bool]]:
    """The lines, those that were joined by commas taken apart, and whether a part is an aside by its place.

    The commas are parts too.
    """
    parts: list[tuple[int, int, bool]] = []
    for found in _LINE.finditer(text):
        line = found.group()
        for start, end, aside in _line_parts(line, first=not parts):
            left, right = _trim(line, start, end)
            if left < right:
                parts.append((found.start() + left, found.start() + right, aside))
    return parts


def _line_parts(line: str, *, first: bool) -> Iterator[tuple[int, int, bool]]:
    """The parts of a line, in order, not trimmed. The first may begin with what is left of a dateline."""
    joins: list[tuple[int, int]] = []
    for found in _JOIN.finditer(line):
        if _is_join(line, found.start(), found.end(), bool(joins)):
            joins.append(found.span())
    if not joins:
        yield from _around_insets(line, 0, len(line))
        return
    start = 0
    if first and (remnant := _REMNANT.match(line)):
        start = remnant.end()
        yield 0, start, True
    for at, after in [*joins, (len(line), len(line))]:
        while (aside := _ASIDE.match(line, start, at)) and (end := _aside_end(line, aside.end(), at)):
            yield start, end[0], True
            yield *end, True
            start = end[1]
        if at == len(line) and _NAME_ONLY.match(line, start):
            yield start, at, True  # who wrote it
        else:
            yield from _around_insets(line, start, at)
        yield at, after, True
        start = after


def _is_join(line: str, at: int, after: int, joined: bool) -> bool:
    """Whether the commas and spaces `line[at:after]` stand between two paragraphs: behind the end of a
    sentence, and unlike a comma in prose, with a space before, without one behind, or doubled.

    `joined` says that the line has another join, before this one: then a full stop is enough
    unless the word before it is short, as abbreviations are.
    """
    mark = at
    while at - mark < _CLOSERS_READ and line[mark - 1] in _CLOSERS and mark > 1:
        mark -= 1
    mark -= 1
    gap = line[at:after]
    unlike_prose = gap[0].isspace() or ",," in gap
    if line[mark] not in ".!?…":
        return False
    if after == len(line):
        return joined or unlike_prose
    rest = line[after : after + _REACH_CHARS]
    if rest[0] in "\"“'‘":
        # `selesai.,"Kami` begins anew, `selesai.," kata` closes.
        opens = len(rest) > 1 and (rest[1].isalnum() or rest[1] in "(“‘")
    else:
        opens = rest[0].isupper() or rest[0].isdigit() or rest[0] in "(#" or rest.startswith("loading")
    word = _WORD_BEFORE.search(line[max(0, mark - _REACH_CHARS) : mark])
    plain = line[mark] != "." or mark + 1 < at
    full = plain or (word is not None and len(word.group()) >= _FULL_WORD_CHARS)
    if not opens or not (unlike_prose or gap[-1] == "," or (joined and full)):
        return False
    if plain:
        return True
    if word and "." in word.group() and _DEGREE.match(rest):
        return False
    if rest[0].isdigit() and line[mark - 1 : mark].isdigit():
        return False
    return _ends_sentence(line, mark, rest)


def _aside_end(line: str, start: int, end: int) -> tuple[int, int] | None:
    """The commas that end the aside which opens before `start`, in a line joined by commas."""
    for found in _ASIDE_END.finditer(line, start, end):
        gap = found.group()
        if gap[0].isspace() or gap[-1] == "," or ",," in gap:
            return found.span()
    return None


def _around_insets(line: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """A part of a line, cut around what stands in it between two sentences: "[Gambas:Video]"."""
    for found in _INSET.finditer(line, start, end):
        at, after = found.span()
        following = _NOT_SPACE.search(line, after, end)
        if following and line[following.start()].islower():
            continue
        if line[start:at].isspace() or at == start or _INSET_BEFORE.search(line, max(start, at - 8), at):
            yield start, at, False
            yield at, after, True
            start = after
    yield start, end, False


def _is_aside(line: str) -> bool:
    """Whether a whole line is one."""
    if not _is_note(line):
        return False
    found = _ASIDE.match(line)
    most = _LABELLED_CHARS if found and found["label"] is not None else _ASIDE_CHARS
    return len(line) <= most or not any(
        _is_boundary(line, m.start(), m.end()) for m in _TERMINATOR.finditer(line)
    )


def _is_note(piece: str) -> bool:
    """Whether a line or sentence opens as an aside, is a credit or an invitation, or has no letter."""
    if _ASIDE.match(piece) or not _LETTER.search(piece):
        return True
    if len(piece) > _NOTE_CHARS or piece[0] in "\"“'‘":
        return False
    if _CREDIT.search(piece, max(0, len(piece) - _CREDIT_CHARS)):
        return True
    return "newsletter" in piece.lower() and bool(_INVITATION.search(piece)) and not re.search('["“]', piece)


def _is_kicker(line: str) -> bool:
    return len(line) <= _NOTE_CHARS and bool(_KICKER.match(line)) and not _ENDS_LINE.search(line)


def _is_heading(text: str, lines: list[tuple[int, int]], i: int, before: SentenceKind | None) -> bool:
    """A short line without an end mark, between finished text and something that begins anew."""
    start, end = lines[i]
    line = text[start:end]
    if i + 1 == len(lines) or not _has_heading_form(line):
        return False
    following = text[lines[i + 1][0]]
    if following.islower() or line[0].islower():
        return False
    if before != "sentence":
        return True
    return bool(_ENDS_LINE.search(text[slice(*lines[i - 1])])) or "\n\n" in text[lines[i - 1][1] : start]


def _has_heading_form(line: str) -> bool:
    if _ENDS_LINE.search(line) or line.endswith((",", "-", "–")) or _BULLET.match(line):
        return False
    return len(line) <= _HEADING_CHARS and len(line.split()) <= _HEADING_WORDS


def _is_last_headline(text: str, line: str, blocks: list[tuple[int, int, SentenceKind]]) -> bool:
    """Whether the last line of a text is the title of another story: in title case, behind a story that is
    finished. The last of a list that the story announces is none, nor a signature or an address."""
    words = line.split()
    if not _has_heading_form(line) or len(words) < _HEADLINE_WORDS or line.count(",") > _MOST_COMMAS:
        return False
    if _ADDRESS.search(line):
        return False
    long = [w for w in (w.strip("\"'“”‘’()[]:,") for w in words) if len(w) >= _TITLE_WORD_LETTERS]
    titled = sum(w[0].isupper() or w[0].isdigit() for w in long)
    story = next((b for b in reversed(blocks) if b[2] == "sentence"), None)
    if (
        story is None
        or len(long) < _TITLE_WORD_LETTERS
        or not _ENDS_SENTENCE.search(text[story[0] : story[1]])
    ):
        return False
    share = _TITLE_SHARE if blocks[-1][2] == "sentence" else _TITLE_SHARE_BELOW_HEADING
    return titled >= share * len(long)


def _continues(
    text: str, block: tuple[int, int, SentenceKind], line_before: tuple[int, int], start: int
) -> bool:
    """Whether the line at `start` goes on with a sentence that the line before broke off."""
    if block[2] != "sentence" or block[1] != line_before[1]:
        return False
    gap = text[block[1] : start]
    if gap.count("\n") > 1 or "\u2029" in gap or gap.count("\r") > max(1, gap.count("\n")):
        return False
    before = text[slice(*line_before)]
    if _ENDS_LINE.search(before) or _BULLET.match(text[start : start + 12]):
        # A wrapped paragraph may break exactly after a sentence; either way a boundary is right.
        return False
    return text[start].islower() or before.endswith(",") or len(before) >= _WRAP_CHARS


def _split_block(text: str, start: int, end: int) -> list[Sentence]:
    block = text[start:end]
    protected = _protected(block)
    cuts = []
    enumerator = _BULLET.match(block)
    dateline = _dateline_end(block)
    first = enumerator.end() if enumerator else dateline
    for mark in _TERMINATOR.finditer(block):
        at = mark.end()
        if mark.start() < first or at >= len(block):
            continue
        if protected.hold(at):
            continue
        if _is_boundary(block, mark.start(), at):
            cuts.append(at)
    sentences = []
    if dateline:
        sentences.append(Sentence(start, start + len(block[:dateline].rstrip()), "aside"))
    for left, right in _pieces(block, [dateline, *cuts, len(block)]):
        left, right = _trim(block, left, right)
        if left < right:
            piece = block[left:right]
            kind: SentenceKind = "aside" if _is_note(piece) else "sentence"
            sentences.append(Sentence(start + left, start + right, kind))
    return sentences


def _dateline_end(block: str) -> int:
    """How many characters of a paragraph are its dateline, with the space behind; 0 where it has none."""
    found = _DATELINE.match(block)
    return found.end() if found and _DATELINE_MARK.search(found.group()) else 0


def _pieces(block: str, cuts: list[int]) -> Iterator[tuple[int, int]]:
    """What stands between neighbouring cuts. Text without end marks (a log, a table) is cut between
    words at the latest after so many characters that no quotation is longer."""
    for left, right in pairwise(cuts):
        while right - left > _LONGEST_CHARS:
            space = block.rfind(" ", left + 1, left + _LONGEST_CHARS)
            end = space if space > left else left + _LONGEST_CHARS
            yield left, end
            left = end
        yield left, right


def _is_boundary(block: str, mark: int, at: int) -> bool:
    """Whether the end marks `block[mark:at]` end a sentence."""
    following = _NOT_SPACE.search(block, at)
    if following is None:
        return False
    rest = block[following.start() : following.start() + _REACH_CHARS]
    if rest[0].islower() or rest[0] in ",;:)]–—-%":
        return False
    if block[mark] != "." or block[mark:at].rstrip("\"'”’»)]") != ".":
        return True
    if at - mark > 1:  # the stop closes a quotation: `... selesai."`
        return True
    return _ends_sentence(block, mark, rest)


def _ends_sentence(block: str, mark: int, rest: str) -> bool:
    """Whether the full stop at `mark` ends a sentence, by the word before it and the text that follows."""
    before = _WORD_BEFORE.search(block[max(0, mark - _REACH_CHARS) : mark])
    if before is None:
        return True
    word = before.group().lower()
    if word in _BEFORE_NAME:
        return False
    if word in _BEFORE_NUMBER and _ROMAN_OR_DIGIT.match(rest):
        return False
    if (word in _AMBIGUOUS and word != "no") or _INITIALS.fullmatch(before.group()):
        opener = _NEXT_WORD.search(rest)
        return opener is not None and opener.group().lower() in SENTENCE_OPENERS
    return True


class _Spans:
    """Whether a place lies inside of a span: behind its first character, and not behind its last.

    Those that overlap are joined, so that a line with many of them costs no more than its length.
    """

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._opened: list[int] = []
        self._closed: list[int] = []
        for opened, closed in sorted(spans):
            if self._closed and opened <= self._closed[-1]:
                self._closed[-1] = max(self._closed[-1], closed)
            else:
                self._opened.append(opened)
                self._closed.append(closed)

    def hold(self, at: int) -> bool:
        last = bisect_left(self._opened, at) - 1
        return last >= 0 and at <= self._closed[last]


def _protected(block: str) -> _Spans:
    """Quotations and parentheses that close within reach, from the first to the last character."""
    spans = []
    straight = [m.start() for m in re.finditer('"', block)]
    pairs = list(zip(straight[::2], straight[1::2], strict=False))
    for left, right, reach in (
        ("“", "”", _QUOTATION_CHARS),
        ("«", "»", _QUOTATION_CHARS),
        ("(", ")", _PARENTHESIS_CHARS),
    ):
        if left not in block:
            continue
        opened: int | None = None
        for mark in re.finditer(f"[{re.escape(left + right)}]", block):
            if mark.group() == left:
                opened = mark.start() if opened is None else opened
            elif opened is not None:
                if mark.start() - opened <= reach:
                    spans.append((opened, mark.start()))
                opened = None
    spans.extend((a, b) for a, b in pairs if b - a <= _QUOTATION_CHARS)
    return _Spans(spans)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
