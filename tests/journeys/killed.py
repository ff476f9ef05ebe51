"""Work through the list and be killed on the way: ``python -m tests.journeys.killed KILLS SEED``.

This process is warmed up, holds no database connection, and forks a worker for each life. A worker goes on from where
the list says, and is killed with SIGKILL at a random moment; after the last kill one more does what is left. Prints a
line of JSON: how many were killed, where in their transactions, and the steps done by then.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection, connections, transaction  # noqa: E402

from tests.journeys.cast import IN_TIME, POLICY  # noqa: E402
from tests.journeys.killed_work import plan  # noqa: E402
from yingbao.policy import Person, get_policy  # noqa: E402

# What a worker tells of itself in shared memory, where it stays when the worker is gone.
DONE, READY, STATEMENT = range(3)  # steps done; connected; statements since the transaction began, 0 outside one
LONGEST_LIFE = 2.5  # in steps


class Board:
    """Some numbers that two processes see."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, 8 * 3)

    def __getitem__(self, place: int) -> int:
        return int(struct.unpack_from("q", self.memory, place * 8)[0])

    def __setitem__(self, place: int, number: int) -> None:
        struct.pack_into("q", self.memory, place * 8, number)


def work(board: Board) -> None:
    """Do what is left of the list, noting each step when it is done."""
    steps = plan().steps
    board[READY] = 1
    with connection.execute_wrapper(watching(board)):
        for place in range(board[DONE], len(steps)):
            steps[place]()
            board[DONE] = place + 1


def watching(board: Board) -> Callable[..., Any]:
    """Return what notes each statement of a transaction until its commit has come back."""

    def committed() -> None:
        board[STATEMENT] = 0

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if connection.in_atomic_block:
            if not board[STATEMENT]:
                transaction.on_commit(committed)
            board[STATEMENT] += 1
        return execute(sql, params, many, context)

    return wrapper


def fork(board: Board) -> int:
    """Start a worker; return its process id."""
    board[READY] = board[STATEMENT] = 0
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work(board)
        code = 0
    finally:  # a worker must never go on with its parent's code
        if code:
            traceback.print_exc()
        os._exit(code)


def kill_one(board: Board, seconds: float) -> int:
    """Let a worker live so many seconds from its connection; return the statement it was at, 0 between two."""
    pid = fork(board)
    while not board[READY] and os.waitpid(pid, os.WNOHANG) == (0, 0):
        time.sleep(0.0005)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status):
        raise SystemExit("a worker failed, or the list was done before the kills were")
    return board[STATEMENT]


def main(kills: int, seed: int) -> None:
    """Kill so many workers, then let the rest be done."""
    # What a process works out once is worked out here, else each life would end in it.
    get_policy(POLICY).assess(Person(IN_TIME.replace(year=1980), paid_on=IN_TIME))
    connections.close_all()
    draw, board, hits, step = random.Random(seed), Board(), [], 0.02
    for _ in range(kills):
        before, lived = board[DONE], draw.uniform(0, LONGEST_LIFE * step)
        hits.append(kill_one(board, lived))
        if board[DONE] > before:  # how long a step takes here and now, roughly
            step += (lived / (board[DONE] - before) - step) / 10
        else:  # on a busy machine lives must be longer to get anywhere
            step *= 1.05
    done = board[DONE]
    if os.waitpid(fork(board), 0)[1]:
        raise SystemExit("the last worker failed")
    print(json.dumps({"kills": len(hits), "done": done, "inside": [hit for hit in hits if hit]}))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
