"""The vectors of all current passages in memory, to be compared one by one: what a filtered search asks.

A graph that is asked for the nearest among few of its vectors walks through all the others, and misses some;
comparing every one (a flat index, FAISS's IndexFlat) misses none, and takes 8 ms for 50,000.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.vectors.index import Vectors

_BLOCK = 8_192
_FEW = 3
"""Of a block, one row of so many and fewer are copied together before they are compared."""


class FlatIndex:
    """Unit vectors of `dimension` floats under passage keys. Safe for many readers and one writer at a time.

    The catalog may give a key to another passage once the first is gone, so a removal says both.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._rows = _Rows(dimension)

    def __len__(self) -> int:
        return len(self._rows.row_of_id)

    def put(self, key: int, passage_id: str, vector: Vectors) -> None:
        """Adds a vector, shape (dimension,). A passage that is there keeps its own, since another text would
        be another passage, and takes the key."""
        self._rows.put(key, passage_id, vector)

    def remove(self, passage_ids: Sequence[str]) -> None:
        """Removes vectors; ids that aren't there are no error."""
        for passage_id in passage_ids:
            self._rows.remove(passage_id)
        # Readers may be at the old rows, so none is written over; where most are dead, the living move.
        if len(self._rows.ids) > max(_BLOCK, 2 * len(self)):
            self._rows = self._rows.living()

    def nearest(
        self, vector: Vectors, limit: int, keys: NDArray[np.int64] | None = None
    ) -> list[tuple[str, float]]:
        """(passage id, cosine in [-1, 1]) of the nearest, among the passages of `keys` where they are given;
        best first, ties in id order. Keys that have no vector are passed over."""
        rows = self._rows
        found = rows.of(keys)
        cosines = rows.cosines(found, vector)
        if len(found) > limit:
            best = cosines >= np.partition(cosines, -limit)[-limit]
            found, cosines = found[best], cosines[best]
        hits = [(rows.ids[row], cosine) for row, cosine in zip(found, cosines.tolist(), strict=True)]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:limit]


class _Rows:
    """Rows that are added and never changed; the maps forget those that are dead."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self.ids: list[str] = []
        self.row_of_id: dict[str, int] = {}
        self._key_of_id: dict[str, int] = {}
        self._row_of_key = np.full(_BLOCK, -1, dtype=np.int64)
        self._blocks: list[Vectors] = []

    def put(self, key: int, passage_id: str, vector: Vectors) -> None:
        row = self.row_of_id.get(passage_id)
        if row is None:
            row = len(self.ids)
            if row == len(self._blocks) * _BLOCK:
                self._blocks.append(np.zeros((_BLOCK, self._dimension), dtype=np.float32))
            self._blocks[row // _BLOCK][row % _BLOCK] = vector
            self.ids.append(passage_id)
            self.row_of_id[passage_id] = row
        else:
            self._forget_key(passage_id, row)
        self._key_of_id[passage_id] = key
        if key >= len(self._row_of_key):
            grown = np.full(max(2 * len(self._row_of_key), key + 1), -1, dtype=np.int64)
            grown[: len(self._row_of_key)] = self._row_of_key
            self._row_of_key = grown
        self._row_of_key[key] = row  # last: a reader that finds the row finds all of it

    def remove(self, passage_id: str) -> None:
        row = self.row_of_id.pop(passage_id, None)
        if row is not None:
            self._forget_key(passage_id, row)

    def _forget_key(self, passage_id: str, row: int) -> None:
        key = self._key_of_id.pop(passage_id)
        if self._row_of_key[key] == row:  # else it is another passage's by now
            self._row_of_key[key] = -1

    def living(self) -> _Rows:
        """The same without the dead rows."""
        moved = _Rows(self._dimension)
        for passage_id, row in self.row_of_id.items():
            moved.put(self._key_of_id[passage_id], passage_id, self.vector(row))
        return moved

    def of(self, keys: NDArray[np.int64] | None) -> NDArray[np.int64]:
        """The living rows, of these keys where they are given."""
        row_of_key = self._row_of_key
        rows = row_of_key if keys is None else row_of_key[keys[keys < len(row_of_key)]]
        return rows[rows >= 0]

    def vector(self, row: int) -> Vectors:
        found: Vectors = self._blocks[row // _BLOCK][row % _BLOCK]
        return found

    def cosines(self, rows: NDArray[np.int64], vector: Vectors) -> Vectors:
        """Shape (rows,). That of a row is the same to the last bit beside whatever others, as it would not be
        in a product of matrices (nor does this one wait for other cores)."""
        cosines = np.empty(len(rows), dtype=np.float32)
        of_block = rows // _BLOCK
        for i, block in enumerate(self._blocks):
            mine = of_block == i
            places = rows[mine] % _BLOCK
            if _FEW * len(places) > _BLOCK:
                cosines[mine] = np.vecdot(block, vector)[places]
            else:
                cosines[mine] = np.vecdot(block[places], vector)
        return cosines
