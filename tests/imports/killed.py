"""One word of a register import in a process of its own, to be killed.

The process is forked from one that is warmed up and has imported this; it holds no connection to the database.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402

from tests.imports.cast import NOW, POLICY  # noqa: E402
from yingbao.accounts.queries import actor_named  # noqa: E402
from yingbao.registry.uploads import Upload  # noqa: E402
from yingbao.usecases.import_register import accept_register, check_register  # noqa: E402


def say(told: Connection, database: str, word: str, what: str, key: str) -> None:
    """Say ``check`` of a path or ``accept`` of a file's id as the town's clerk.

    Tells "ready" when the work begins, so that whoever kills does it in the middle, and the file's id at its end.
    """
    connection.settings_dict["NAME"] = database
    clerk = actor_named("town-clerk")
    told.send("ready")
    if word == "check":
        upload = Upload(name="台账.csv", path=Path(what))
        answer = check_register(clerk, upload=upload, policy_name=POLICY, key=key, at=NOW)
    else:
        answer = accept_register(clerk, file_id=int(what), key=key, at=NOW)
    told.send(answer["file_id"])
