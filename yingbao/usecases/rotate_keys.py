"""Changing the keys residents' data lie under: the data key while the site runs, the index key while it stands still.

Whoever runs this holds the machine and its secrets.env; no user of the site may, so there is no actor. Each step can
be killed at any moment and run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from django.contrib.sessions.models import Session
from django.db import OperationalError, connection

from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry import rekeying
from yingbao.storage import rotation, secrets
from yingbao.storage.rotation import Progress
from yingbao.storage.transactions import unit_of_work


def reseal(progress: Progress) -> int:
    """Put every sealed value and file under the current key; return how many rows and files were touched."""
    return rotation.reseal_tables(progress) + rotation.reseal_files(progress)


def finish(home: Path) -> None:
    """Take the old key out of secrets.env. Raises Refused while anything is sealed under another than the current.

    Sessions may hold a sealed search under the old key: they end, everybody logs in again.
    """
    left = rotation.count_left()
    if left:
        raise Refused(_still(left), todo=say(N_("请再运行一次 yingbao rotate-keys，再运行 --finish。")))
    with unit_of_work():
        Session.objects.all().delete()
    secrets.finish_rotation(home)


def renew_indexes(home: Path, progress: Progress) -> int:
    """Make every blind index anew under a new index key; return how many. Raises Refused while the site runs.

    One transaction in the database, then one file replaced. Killed between the two, the site does not start
    (``secrets.read_keys``) and the next run only replaces the file.
    """
    must_be_alone()
    key = secrets.begin_indexes(home)
    with unit_of_work():
        done = 0 if rekeying.is_indexed_under(key) else rekeying.reindex(key, progress)
    secrets.finish_indexes(home)
    return done


def must_be_alone() -> None:
    """Raise Refused where another connection to the database is open: who looks people up by the old index finds none.

    Call it outside a transaction.
    """
    alone = _alone_on_postgresql() if connection.vendor == "postgresql" else _alone_on_sqlite()
    if not alone:
        raise Refused(
            say(N_("网页服务或别的命令还连着数据库，没有更换检索密钥。")),
            todo=say(N_("请先停止网页服务和其他命令，再运行一次。")),
        )


def _alone_on_postgresql() -> bool:
    others = """SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
        AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
    with connection.cursor() as cursor:
        cursor.execute(others)
        return not cursor.fetchone()[0]


def _alone_on_sqlite() -> bool:
    """Leaving the write-ahead log needs the file to oneself: SQLite itself says whether anybody else has it open."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 200")
        try:
            cursor.execute("PRAGMA journal_mode = DELETE")
        except OperationalError:
            return False
        finally:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA busy_timeout = 20000")
        return True


def _still(left: Mapping[str, int]) -> Message:
    tables = "、".join(f"{name} {count}" for name, count in left.items())
    return say(N_("还有资料在旧密钥下（{tables}），旧密钥没有移除。"), tables=tables)
