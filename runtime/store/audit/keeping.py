"""The latest head, kept in a file beside the key: whoever can only write the database cannot cut the record back."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lictor.protocols.nats.access import write_private
from lictor.runtime.store.audit.export import NotAnExport, read_head, show_head
from lictor.runtime.store.audit.head import Head

HEAD_FILE: Final = "head.json"
_EVERY_MS: Final = 1000

_log = logging.getLogger(__name__)


class HeadKeeper:
    """Keeps the latest head of one record, about once a second and at the end. `place` tells records apart.

    A record whose chain has become shorter than the head that was kept is told of once, and that head stays beside.
    """

    def __init__(self, folder: Path, place: str, write: Callable[[Path, str], None] = write_private) -> None:
        self._file = folder / HEAD_FILE
        self._place = place
        self._write = write
        self._latest: Head | None = None
        self._written: Head | None = None

    def keep(self, head: Head) -> None:
        """Take the head of a commit; called from one thread."""
        self._latest = head
        if self._written is None or not 0 <= head.at_ms - self._written.at_ms < _EVERY_MS:
            self.close()

    def close(self) -> None:
        """Write what is not written yet; a disk that takes nothing is logged, since the record itself is safe."""
        head = self._latest
        if head is None or head is self._written:
            return
        try:
            if self._written is None:
                self._look_back(head)
            self._write(self._file, json.dumps({"record": self._place, "head": show_head(head)}) + "\n")
        except OSError as error:
            _log.warning("the latest head cannot be kept in %s: %s", self._file, error)
        self._written = head

    def _look_back(self, head: Head) -> None:
        before = read_kept(self._file.parent, self._place)
        if before is not None and before.link >= head.link:
            aside = self._file.with_name(f"head-{before.link}.json")
            self._file.replace(aside)
            _log.error(
                "the record was cut back or replaced: it had %d entries and has %d; its head of then is in %s",
                before.link,
                head.link,
                aside,
            )


def read_kept(folder: Path, place: str) -> Head | None:
    """Return the head that was kept of a record; None when there is none, or only another record's."""
    try:
        told = json.loads((folder / HEAD_FILE).read_text(encoding="utf-8"))
        return read_head(told["head"]) if told["record"] == place else None
    except (OSError, ValueError, TypeError, KeyError, NotAnExport):
        return None
