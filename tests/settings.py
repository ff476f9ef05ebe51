"""The project's own settings with throw-away secrets, so that tests and the type checker need no set-up."""

import os
import tempfile

os.environ.setdefault("YINGBAO_SECRET_KEY", "tests-only-" + "0" * 40)
os.environ.setdefault("YINGBAO_DATA_KEY", "00112233445566778899aabbccddeeff" * 2)
os.environ.setdefault("YINGBAO_HOME", os.path.join(tempfile.gettempdir(), f"yingbao-tests-{os.getuid()}"))

from yingbao.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a slow hash guards nothing here
