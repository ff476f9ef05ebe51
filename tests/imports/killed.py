"""One word of a register import in a process of its own, to be killed: ``killed.py check|accept PATH|FILE_ID KEY``.

Prints "ready" when the work begins, so that whoever kills does it in the middle.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django

django.setup()

from tests.imports.cast import NOW, POLICY  # noqa: E402
from yingbao.accounts.queries import actor_named  # noqa: E402
from yingbao.registry.uploads import Upload  # noqa: E402
from yingbao.usecases.import_register import accept_register, check_register  # noqa: E402


def main(word: str, what: str, key: str) -> None:
    """Say one word as the town's clerk."""
    clerk = actor_named("town-clerk")
    print("ready", flush=True)
    if word == "check":
        upload = Upload(name="台账.csv", path=Path(what))
        answer = check_register(clerk, upload=upload, policy_name=POLICY, key=key, at=NOW)
    else:
        answer = accept_register(clerk, file_id=int(what), key=key, at=NOW)
    print(answer["file_id"], flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
