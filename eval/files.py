"""JSON that a run is held against, as it is read: checked before anything is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from service.errors import InvalidRequest

_SHOWN = 3


def read_object(file: Path, model: type[BaseModel], what: str) -> dict[str, Any]:
    """The JSON object in a file, with all of its fields, those that the model doesn't name too. Raises
    InvalidRequest, naming the file, `what` it should be and the first faults, for one that isn't."""
    try:
        content = file.read_bytes()
        model.model_validate_json(content)
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error}") from None
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}".removeprefix(": ") for e in error.errors()]
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise InvalidRequest(f"{file} is no {what}: {'; '.join(faults[:_SHOWN])}{more}") from None
    found: dict[str, Any] = json.loads(content)
    return found
