"""Settings for the tests: secrets of their own, a quick password hasher, everything else the real settings."""

import os
import tempfile

os.environ.setdefault("YINGBAO_SECRET_KEY", "a-key-for-tests-only")
os.environ.setdefault("YINGBAO_DATA_KEY", "00" * 32)
os.environ.setdefault("YINGBAO_HOME", tempfile.mkdtemp(prefix="yingbao-tests-"))
os.environ.setdefault("YINGBAO_DATABASE_URL", f"sqlite:///{os.environ['YINGBAO_HOME']}/tests.sqlite3")

from yingbao.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
