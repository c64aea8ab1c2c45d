"""How files name languages → ISO 639 codes."""

from __future__ import annotations

import re

_CODE = re.compile(r"([a-z]{2,3})(?=[-_]|$)")
_FORMER = {"in": "id", "ind": "id", "eng": "en"}  # Java's name for Indonesian; the three-letter ones


def language_code(tag: object) -> str | None:
    """ "id" for "id-ID", "in" or "ind"; None for what is no language tag."""
    found = _CODE.match(tag.strip().lower()) if isinstance(tag, str) else None
    return _FORMER.get(found.group(1), found.group(1)) if found else None
