"""The secrets the system will not start without: Django's signing key and the keys residents' data lie under."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.storage.keys import KEY_BYTES, DataKey, Keys, make_keys, read_key

NAMES = ("YINGBAO_SECRET_KEY", "YINGBAO_DATA_KEY")
DATA_KEY, OLD_KEY = "YINGBAO_DATA_KEY", "YINGBAO_DATA_KEY_OLD"
INDEX_KEY, NEXT_INDEX_KEY = "YINGBAO_INDEX_KEY", "YINGBAO_INDEX_KEY_NEXT"
ROTATING = "YINGBAO_ROTATING"  # set by `yingbao rotate-keys` for itself
FILE = "secrets.env"
# Channels that tell of payments by themselves, each under a secret of its own that the channel holds too.
CHANNELS = ("wechat", "alipay", "yukuaiban", "unionpay_quickpass", "etax")


def read_secret(name: str, home: Path) -> str:
    """Return a secret from the environment or ``home``/secrets.env; stop with a clear sentence without it."""
    value = find_secret(name, home)
    if not value:
        raise ImproperlyConfigured(
            f"缺少密钥 {name}：请设置环境变量，或运行 `yingbao secrets` 在 {home}/secrets.env 中生成。"
            f" / The secret {name} is missing: set it in the environment or run `yingbao secrets`."
        )
    return value


def find_secret(name: str, home: Path) -> str:
    """Return a secret, or an empty text where neither the environment nor the file has it."""
    return os.environ.get(name) or read_file(home).get(name, "")


def read_keys(home: Path) -> Keys:
    """Return the keys residents' data lie under. Stops without one, and half-way through new blind indexes.

    Between the database's commit and the last line of secrets.env the index key in the file is the wrong one:
    a site started then would find nobody, and take everybody for new.
    """
    data_key = read_secret(DATA_KEY, home)
    if find_secret(NEXT_INDEX_KEY, home) and ROTATING not in os.environ:
        raise ImproperlyConfigured(
            "检索密钥更换尚未完成：请再运行一次 `yingbao rotate-keys --index-too`，然后启动。"
            " / New blind indexes are half made: run `yingbao rotate-keys --index-too` again, then start."
        )
    try:
        return make_keys(data_key, old=find_secret(OLD_KEY, home), index=find_secret(INDEX_KEY, home))
    except ValueError:  # its text may hold part of the key
        raise ImproperlyConfigured(
            f"数据密钥不能识别，应为“编号:十六进制”：请检查 {home}/{FILE}。"
            f" / A data key cannot be read, it is number:hex: see {home}/{FILE}."
        ) from None


def make_secrets(home: Path) -> Path:
    """Write new secrets to ``home``/secrets.env, readable by the owner only; existing ones are kept."""
    held = read_file(home)
    names = (*NAMES, *map(channel_secret, CHANNELS))
    return write_file(home, held | {name: held.get(name) or secrets.token_hex(32) for name in names})


def channel_secret(channel: str) -> str:
    """Return the name of the secret a channel signs with, e.g. YINGBAO_CHANNEL_WECHAT."""
    return f"YINGBAO_CHANNEL_{channel.upper()}"


def read_channel_secrets(home: Path) -> dict[str, str]:
    """Return channel → its secret, for those that have one; who has none is not listened to.

    Stops where two are equal: either could sign for the other.
    """
    found = {channel: find_secret(channel_secret(channel), home) for channel in CHANNELS}
    held = {channel: secret for channel, secret in found.items() if secret}
    alike = [channel_secret(channel) for channel, secret in held.items() if list(held.values()).count(secret) > 1]
    if alike:
        names = ", ".join(alike)
        raise ImproperlyConfigured(
            f"渠道密钥相同：{names}。每个渠道必须各用各的密钥：删去其中的行，再运行 `yingbao secrets`。"
            f" / Channel secrets are equal: {names}. Each needs its own: delete their lines, run `yingbao secrets`."
        )
    return held


def read_file(home: Path) -> dict[str, str]:
    """Return what ``home``/secrets.env holds; nothing where there is none."""
    path = home / FILE
    if not path.exists():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text(encoding="ascii").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def write_file(home: Path, held: Mapping[str, str]) -> Path:
    """Replace ``home``/secrets.env as a whole: after a power cut the old file is there or the new one, never half."""
    home.mkdir(parents=True, exist_ok=True)
    path, fresh = home / FILE, home / f"{FILE}.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.writelines(f"{name}={value}\n" for name, value in held.items())
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    return path


def begin_rotation(home: Path) -> DataKey:
    """Put a new current data key into ``home``/secrets.env and keep the one before as the old one; return the new.

    The index key is written down too, so that it does not change with the data key. Raises Refused where the keys
    come from the environment, or the last change has not been finished.
    """
    held = _own_file(home)
    if held.get(OLD_KEY):
        raise Refused(
            say(N_("上一次更换密钥还没有完成，旧密钥还在使用。")),
            todo=say(N_("请先运行 yingbao rotate-keys，再运行 yingbao rotate-keys --finish。")),
        )
    old = read_key(held[DATA_KEY])
    new = DataKey(old.next_number(), secrets.token_bytes(32))
    index = held.get(INDEX_KEY) or old.index_key.hex()
    write_file(home, held | {DATA_KEY: new.text, OLD_KEY: old.text, INDEX_KEY: index})
    return new


def finish_rotation(home: Path) -> None:
    """Take the old data key out of ``home``/secrets.env. The caller has made sure that nothing needs it."""
    held = _own_file(home)
    write_file(home, {name: value for name, value in held.items() if name != OLD_KEY})


def begin_indexes(home: Path) -> bytes:
    """Return the next index key; until ``finish_indexes`` the site will not start. The same one when asked again."""
    held = _own_file(home)
    key = held.get(NEXT_INDEX_KEY) or secrets.token_hex(KEY_BYTES)
    write_file(home, held | {NEXT_INDEX_KEY: key})
    return bytes.fromhex(key)


def finish_indexes(home: Path) -> None:
    """Make the next index key the one in force."""
    held = _own_file(home)
    write_file(
        home,
        {name: value for name, value in held.items() if name != NEXT_INDEX_KEY} | {INDEX_KEY: held[NEXT_INDEX_KEY]},
    )


def _own_file(home: Path) -> dict[str, str]:
    held = read_file(home)
    if any(os.environ.get(name) for name in (DATA_KEY, OLD_KEY, INDEX_KEY)) or not held.get(DATA_KEY):
        raise Refused(
            say(N_("这里的密钥不在 {file} 中，系统不能代为更换。"), file=str(home / FILE)),
            todo=say(N_("请由掌管环境变量的人按运行手册中“更换密钥”一节更换。")),
        )
    return held
