"""The clerks of ``benchmarks.counter_http``, in a process of their own: plain sockets, one connection each.

Run as ``python -m benchmarks._counter_clients PORT CLIENTS VILLAGES``. It logs everybody in, prints "ready", and then
answers each line it is given with a line of JSON, the seconds each household took and the time for all of them:

- ``saturate SECONDS``: every clerk sends the next household as soon as the last one is done;
- ``pace SECONDS RATE``: all together send RATE households a second, each at its own moment whether or not the last
  is done in time; what a household waits for its clerk counts as waiting.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks._counter_case import MEMBERS, PASSWORD, SUBSIDISED_EVERY, first_household

FULL_FEN, SUBSIDISED_FEN = 35_000, 3_500
PAID = re.compile(rb"/payments/\d+/")
Fields = dict[str, str]


@dataclass
class Clerk:
    """One clerk: a connection, what the browser would keep, the households still to serve."""

    port: int
    name: str
    households: Iterator[int]
    cookies: Fields = field(default_factory=dict)
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def connect(self) -> None:
        """Open a fresh connection, as a proxy before the server would."""
        if self.writer is not None:
            self.writer.close()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def log_in(self) -> None:
        """Log in through the door, as everybody does."""
        await self.connect()
        await self.ask("GET", "/login/")
        status, _ = await self.ask("POST", "/login/", {"username": self.name, "password": PASSWORD})
        if status != 302:
            raise SystemExit(f"{self.name} cannot log in: {status}")

    async def serve(self, household: int) -> None:
        """Enrol a household of four and take its money in cash."""
        fen = FULL_FEN * MEMBERS - (FULL_FEN - SUBSIDISED_FEN) * (household % SUBSIDISED_EVERY == 0)
        people = range((household - 1) * MEMBERS + 1, household * MEMBERS + 1)
        form = {"key": f"web-{uuid4()}", "act": "pay", "channel": "cash", "amount_fen": str(fen)}
        form |= {f"tier_{person}": "1" for person in people}
        status, head = await self.ask("POST", f"/households/{household}/enrol/", form)
        if status != 302 or not PAID.search(head):
            raise SystemExit(f"household {household} was not served: {status}")

    async def ask(self, method: str, path: str, form: Fields | None = None) -> tuple[int, bytes]:
        """Send a request on the open connection; return status and head of the answer."""
        assert self.reader is not None and self.writer is not None
        body = urlencode(form | {"csrfmiddlewaretoken": self.cookies["csrftoken"]}).encode() if form else b""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookies}\r\n"
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", answer)
        await self.reader.readexactly(int(length[1]) if length else 0)
        for name, value in re.findall(rb"(?i)set-cookie: (csrftoken|sessionid)=([^;]*)", answer):
            self.cookies[name.decode()] = value.decode()
        return int(answer[9:12]), answer


async def saturate(clerks: list[Clerk], seconds: float) -> list[float]:
    """Let every clerk work without a pause; return how long each household took."""
    end = time.perf_counter() + seconds

    async def work(clerk: Clerk) -> list[float]:
        await clerk.connect()
        took = []
        while (begin := time.perf_counter()) < end:
            await clerk.serve(next(clerk.households))
            took.append(time.perf_counter() - begin)
        return took

    return await together(clerks, work)


async def pace(clerks: list[Clerk], seconds: float, rate: float) -> list[float]:
    """Send a fixed number of households a second; return how long after its moment each was done."""
    begin, step = time.perf_counter() + 0.2, len(clerks) / rate

    async def work(clerk: Clerk) -> list[float]:
        await clerk.connect()
        moment, took = begin + clerks.index(clerk) / rate, []
        while moment < begin + seconds:
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            await clerk.serve(next(clerk.households))
            took.append(time.perf_counter() - moment)
            moment += step
        return took

    return await together(clerks, work)


async def together(clerks: list[Clerk], work: Callable[[Clerk], Awaitable[list[float]]]) -> list[float]:
    """Let all clerks work at once; return what they took, all in one list."""
    return [took for each in await asyncio.gather(*map(work, clerks)) for took in each]


async def main(port: int, clients: int, villages: int) -> None:
    """Log in and follow the lines of standard input."""
    clerks = [Clerk(port, f"agent{n}", first_household(n, villages)) for n in range(clients)]
    for clerk in clerks:
        await clerk.log_in()
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        word, *numbers = line.split()
        begin = time.perf_counter()
        took = await (saturate if word == "saturate" else pace)(clerks, *map(float, numbers))
        print(json.dumps({"seconds": time.perf_counter() - begin, "took": took}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*(int(word) for word in sys.argv[1:])))
