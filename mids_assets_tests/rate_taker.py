"""A process of the API, as far as its rate limit goes: it asks as often as it is told, and says how often it may.

Does not belong here: what is expected of it.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mids_assets.api.access.rates import Rates
from mids_assets.api.settings import ApiSettings
from mids_assets_tests.real import PROJECT

_AT_ONCE = 20


class Taker:
    """The process, as a test sees it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def begin(self, client: str, times: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{client} {times}\n")
        self._process.stdin.flush()

    def granted(self) -> int:
        """How many of those passed."""
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def taker(url: str, per_minute: int, burst: int, processes: int) -> Iterator[Taker]:
    command = [sys.executable, "-m", __name__, url, *map(str, (per_minute, burst, processes))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        yield Taker(process)
        assert process.stdin is not None
        process.stdin.close()


async def main(url: str, per_minute: int, burst: int, processes: int) -> None:
    rates = Rates.of(ApiSettings(redis_url=url, rate=per_minute, burst=burst, processes=processes))

    async def ask(client: str, times: int) -> int:
        return sum([not await rates.take(client) for _ in range(times)])

    while line := await asyncio.to_thread(sys.stdin.readline):
        client, times = line.split()
        print(sum(await asyncio.gather(*(ask(client, int(times) // _AT_ONCE) for _ in range(_AT_ONCE)))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
