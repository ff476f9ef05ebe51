"""Settings for the tests: secrets of their own, a quick password hasher, everything else the real settings."""

import atexit
import os
import shutil
import tempfile

if "YINGBAO_HOME" not in os.environ:  # the first process of a run makes the home, its workers inherit it
    os.environ["YINGBAO_HOME"] = tempfile.mkdtemp(prefix="yingbao-tests-")
    atexit.register(shutil.rmtree, os.environ["YINGBAO_HOME"], ignore_errors=True)
os.environ.setdefault("YINGBAO_SECRET_KEY", "a-key-for-tests-only")
os.environ.setdefault("YINGBAO_DATA_KEY", "00" * 32)
os.environ.setdefault("YINGBAO_DATABASE_URL", f"sqlite:///{os.environ['YINGBAO_HOME']}/site.sqlite3?synchronous=OFF")

from yingbao.config.settings import *  # noqa: F403
from yingbao.config.settings import DATABASES, HOME

(HOME / "static").mkdir(parents=True, exist_ok=True)  # else WhiteNoise warns in every test
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in real life: threads see committed rows through connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "tests.sqlite3")}
