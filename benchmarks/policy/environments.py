"""A virtual environment per peer, outside the project: what a peer needs is no dependency of yingbao.

They lie in ~/.cache/yingbao-bench (YINGBAO_BENCH_CACHE names another place) and are made once, with uv, from the
pinned versions in ``peers/<name>.requirements.txt``. A peer without that file runs in the project's own environment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
ROOT = Path(__file__).resolve().parents[2]


class NotInstalled(Exception):
    """A peer's environment cannot be made; says why."""


def find_python(peer: str) -> str:
    """Return the Python a peer runs in, making its environment where needed. Raises NotInstalled."""
    wanted = PEERS / f"{peer}.requirements.txt"
    if not wanted.exists():
        return sys.executable
    mark = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = _cache() / f"{peer}-{mark}"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        uv = _find_uv()
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home))
        _run(uv, "pip", "install", "--quiet", "--python", str(python), "--requirements", str(wanted))
        (home / "ready").touch()
    return str(python)


def _cache() -> Path:
    folder = Path(os.environ.get("YINGBAO_BENCH_CACHE") or Path.home() / ".cache" / "yingbao-bench")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _find_uv() -> str:
    own = ROOT / ".tools" / "bin" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    if found is None:
        raise NotInstalled("uv is not here; `python3 dev.py setup` brings it")
    return found


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise NotInstalled(lines[-1] if lines else f"{command[1]} failed")
