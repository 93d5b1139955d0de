"""The first tier: the latest answers of this process, bounded by their bytes.

Does not belong here: which key an answer has (caching.py).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from mids_assets.api.answers import Answer


class LatestAnswers:
    """Answers by key; the least recently used one leaves first. Not for several threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self.bytes = 0

    def get(self, key: Hashable) -> Answer | None:
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def put(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer, unless it alone would take a quarter of the room."""
        if answer.size * 4 > self._most:
            return
        before = self._answers.pop(key, None)
        self.bytes += answer.size - (before.size if before else 0)
        self._answers[key] = answer
        while self.bytes > self._most:
            _, gone = self._answers.popitem(last=False)
            self.bytes -= gone.size

    def __len__(self) -> int:
        return len(self._answers)
