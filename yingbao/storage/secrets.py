"""The two secrets the system will not start without: Django's signing key and the residents' data key."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

NAMES = ("YINGBAO_SECRET_KEY", "YINGBAO_DATA_KEY")


def read_secret(name: str, home: Path) -> str:
    """Return a secret from the environment or ``home``/secrets.env; stop with a clear sentence without it."""
    value = os.environ.get(name) or _read_file(home / "secrets.env").get(name)
    if not value:
        raise ImproperlyConfigured(
            f"缺少密钥 {name}：请设置环境变量，或运行 `yingbao secrets` 在 {home}/secrets.env 中生成。"
            f" / The secret {name} is missing: set it in the environment or run `yingbao secrets`."
        )
    return value


def make_secrets(home: Path) -> Path:
    """Write new secrets to ``home``/secrets.env, readable by the owner only; existing ones are kept."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "secrets.env"
    held = _read_file(path)
    lines = [f"{name}={held.get(name) or secrets.token_hex(32)}\n" for name in NAMES]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.writelines(lines)
    return path


def _read_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text(encoding="ascii").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs}
