"""Bytes on their way between pg_dump, pg_restore, psql and the place of backups; nothing is held as a whole.

Does not belong here: what is dumped or restored, the meaning of a line beyond "rows of this table".
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO

from mids_assets.errors import BackupUnusable, MidsError
from mids_assets.redaction import redact
from mids_assets.warehouse.backup.manifest import StoredFile

PIECE_BYTES = 1024 * 1024


class Measured:
    """Bytes that pass through, and what they come to."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._bytes = 0
        self._hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk)
            self._bytes += len(chunk)
            yield chunk

    @property
    def facts(self) -> StoredFile:
        return StoredFile(self._bytes, self._hash.hexdigest())


def unchanged(chunks: Iterable[bytes], facts: StoredFile, name: str) -> Iterator[bytes]:
    """`chunks`; raises `BackupUnusable` at their end where they are not what was written."""
    measured = Measured(chunks)
    yield from measured
    if measured.facts != facts:
        raise BackupUnusable(
            f"{name} is damaged: {measured.facts.bytes:,} bytes with SHA-256 {measured.facts.sha256[:12]}.., not"
            f" {facts.bytes:,} with {facts.sha256[:12]}.."
        )


def output(command: list[str], environment: Mapping[str, str]) -> Iterator[bytes]:
    """What a program writes. Raises `MidsError` with its words when it fails."""
    with running(command, environment) as process:
        yield from _pieces(process.stdout)


def piped(command: list[str], chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines that a program writes while it reads `chunks`. Raises what `chunks` raise, and as `output`."""
    failures: list[BaseException] = []

    def feed(stdin: IO[bytes]) -> None:
        try:
            # A program that has enough closes its end; what is left is read all the same, for its checksum.
            for chunk in chunks:
                with suppress(BrokenPipeError):
                    stdin.write(chunk)
        except BaseException as error:
            failures.append(error)
        finally:
            with suppress(OSError):
                stdin.close()

    with running(command, None, stdin=subprocess.PIPE) as process:
        feeder = threading.Thread(target=feed, args=(process.stdin,), daemon=True)
        feeder.start()
        yield from process.stdout or ()
        feeder.join()
        if failures:
            process.kill()
            raise failures[0]


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str] | None, stdin: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is ended with the block. Raises `MidsError` with its words when it fails by itself."""
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(command, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=words)
        try:
            yield process
            if process.stdin:
                with suppress(BrokenPipeError):
                    process.stdin.close()
            process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            for stream in (process.stdin, process.stdout):
                if stream:
                    with suppress(OSError):
                        stream.close()
        if process.returncode:
            words.seek(0)
            raise ProgramFailed(command[0].rpartition("/")[2], words.read().decode(errors="replace"))


class ProgramFailed(MidsError):
    """A program of PostgreSQL failed; `words` are its own, over several lines."""

    def __init__(self, program: str, words: str) -> None:
        self.program = program
        self.words = redact(words.strip())
        super().__init__(f"{program} failed: {' '.join(self.words.split())[:1000]}")


class Script:
    """SQL text as pg_restore writes it, line by line. `rows` are those that its COPY blocks held, by schema.table."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self.rows: Counter[str] = Counter()

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        """(line, whether it is a row)."""
        table = None
        for line in self._lines:
            if table is None:
                yield line, False
                if line.startswith(b"COPY ") and line.rstrip().endswith(b" FROM stdin;"):
                    table = line[5:].partition(b" (")[0].decode().replace('"', "")
                    self.rows[table] += 0
            elif line == b"\\.\n":
                yield line, False
                table = None
            else:
                yield line, True
                self.rows[table] += 1


def _pieces(stream: IO[bytes] | None) -> Iterator[bytes]:
    while stream is not None and (piece := stream.read(PIECE_BYTES)):
        yield piece
