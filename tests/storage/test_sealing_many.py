"""Many texts sealed together, in this process or beside it, open as every other sealed value does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from yingbao.storage.encrypted import seal_many, unseal
from yingbao.storage.sealing import sealer

SPEAKS_AND_WAITS = """
import os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from yingbao.storage.sealing import sealer
with sealer() as helper:
    for _ in range(2):
        helper.begin([["1"]]).result()
    print("sealing", flush=True)
    time.sleep(60)
"""


def test_mixed_lengths_and_scripts_keep_their_order() -> None:
    texts = [("", "柏大树", "10020000001", "x" * (n % 40))[n % 4] + str(n % 7) * (n % 3) for n in range(500)]
    assert [unseal(value) for value in seal_many(texts)] == texts


def test_the_same_text_seals_differently_each_time() -> None:
    assert len(set(seal_many(["10020000001"] * 100))) == 100


def test_a_changed_bit_is_noticed() -> None:
    value = bytearray(seal_many(["500155199001010011"])[0])
    value[20] ^= 1
    with pytest.raises(InvalidTag):
        unseal(bytes(value))


def test_batches_sealed_beside_open_again_in_their_order() -> None:
    batches = [[[f"{batch}-{n}" for n in range(30)], ["", "柏"]] for batch in range(6)]
    with sealer() as helper:
        begun = [helper.begin(batch) for batch in batches]
        sealed = [future.result() for future in begun]
    assert [[[unseal(value) for value in column] for column in columns] for columns in sealed] == batches


def test_what_cannot_be_sealed_is_told_to_the_caller() -> None:
    with sealer() as helper:
        helper.begin([["1"]])
        with pytest.raises(UnicodeEncodeError):
            helper.begin([["\ud800"]]).result()


def test_the_sealing_process_dies_with_a_parent_that_is_killed() -> None:
    command = [sys.executable, "-c", SPEAKS_AND_WAITS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == "sealing\n"
        (child,) = _children(parent.pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    until = time.monotonic() + 20
    while _is_alive(child):
        assert time.monotonic() < until
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        found.update(map(int, (task / "children").read_text(encoding="ascii").split()))
    return sorted(found)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
