#!/usr/bin/env python3
"""Set up, show, test and check yingbao. Needs Python 3.11 with pip, and nothing else: `python3 dev.py demo`.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from tests.support.postgres import find_binaries, run_cluster  # noqa: E402

VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
STAMP = VENV / ".set-up-for"
DEMO_HOME = ROOT / ".demo"
UV = "uv==0.13.9"
QUIET_PIP = {"PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
LOCALE = ROOT / "yingbao" / "locale"
LEFT_OUT = {"VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}  # of what a command inherits


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser, passing = build_parser()
    options, rest = parser.parse_known_args(argv)
    if rest and options.command not in passing:
        parser.error(f"unknown: {' '.join(rest)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that clean-ups run
    try:
        return int(options.run(rest))
    except subprocess.CalledProcessError as error:
        return stop(f"failed (exit {error.returncode}): {' '.join(map(str, error.cmd))}", error.returncode)
    except KeyboardInterrupt:
        return 130


def build_parser() -> tuple[argparse.ArgumentParser, set[str]]:
    """Return the parser, and the commands that hand their unknown options on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (run, hint) in COMMANDS.items():
        command = commands.add_parser(
            name, help=hint, description=hint, allow_abbrev=False, add_help=name not in OWN_HELP
        )
        command.set_defaults(run=run)
    return parser, set(COMMANDS) - PLAIN


# ---------------------------------------------------------------- set-up


def set_up(_: Sequence[str] = ()) -> int:
    """Make .venv as uv.lock says and compile the translations; does nothing where both are fresh."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs this may well have an older one
        return stop(f"yingbao needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    stamp = fingerprint()
    if not (venv_program("python").exists() and STAMP.exists() and STAMP.read_text(encoding="ascii") == stamp):
        say("Setting up .venv (once; about a minute) …")
        uv = find_uv()
        if uv is None:
            return stop(
                "This Python has no pip, which set-up needs once.\n"
                "Debian and Ubuntu: apt-get install python3-pip. Elsewhere: python3 -m ensurepip --user."
            )
        sync(uv)
        STAMP.write_text(stamp, encoding="ascii")
    compile_translations()
    return 0


def fingerprint() -> str:
    """Return what .venv depends on, as one hash."""
    parts = [(ROOT / name).read_bytes() for name in ("uv.lock", "pyproject.toml")]
    parts += [sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def find_uv() -> Path | None:
    """Return uv: our own copy in .tools, one made now with pip, or the machine's; None where there is no way."""
    own = TOOLS / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    if own.exists():
        return own
    if importlib.util.find_spec("pip"):
        run([sys.executable, "-m", "pip", "install", "--quiet", "--target", TOOLS, UV])
        return own
    found = shutil.which("uv")
    return Path(found) if found else None


def sync(uv: Path) -> None:
    """Bring .venv to what uv.lock says, with the Python that runs this."""
    python = getattr(sys, "_base_executable", None) or sys.executable  # not .venv's own link to it
    run([uv, "sync", "--quiet", "--frozen", "--no-python-downloads", "--python", python])


def compile_translations() -> None:
    """Compile the catalogues where a source is newer than what was made of it."""
    made = LOCALE / "en" / "LC_MESSAGES" / "django.mo"
    sources = list(LOCALE.rglob("*.po"))
    if sources and (not made.exists() or made.stat().st_mtime < max(path.stat().st_mtime for path in sources)):
        run_in_venv("python", "-m", "tools.messages")


def report_messages(_: Sequence[str] = ()) -> int:
    """Compile the translations and list what has no English and what nothing uses."""
    return set_up() or run_in_venv("python", "-m", "tools.messages", "--report", check=False)


# ---------------------------------------------------------------- running


def show_demo(words: Sequence[str]) -> int:
    """Run the demo: one town, one season, then serve it. Options go on to `yingbao demo`."""
    return set_up() or run_in_venv("yingbao", "demo", *words, YINGBAO_HOME=demo_home())


def serve(words: Sequence[str]) -> int:
    """Serve what the last demo made. Options go on to `yingbao serve`."""
    return set_up() or run_in_venv("yingbao", "serve", *words, YINGBAO_HOME=demo_home())


def demo_home() -> str:
    """Return the demo's folder, which YINGBAO_HOME may name."""
    return os.environ.get("YINGBAO_HOME") or str(DEMO_HOME)


def run_benchmarks(words: Sequence[str]) -> int:
    """Run the benchmarks, or those named; each prints a ratio. Folders bring their own peers and run by name only."""
    if set_up():
        return 1
    scripts = sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py"))
    folders = sorted(path.parent.name for path in (ROOT / "benchmarks").glob("*/__main__.py"))
    chosen = [name for name in words or scripts if name in (*scripts, *folders)]
    if not chosen:
        return stop(f"no such benchmark; there are: {' '.join([*scripts, *folders])}")
    failed = [name for name in chosen if run_in_venv("python", "-m", f"benchmarks.{name}", check=False)]
    return stop(f"failed: {' '.join(failed)}") if failed else 0


# ---------------------------------------------------------------- tests and checks


def run_tests(words: Sequence[str]) -> int:
    """Run every test on SQLite and every database test again on PostgreSQL. Options go on to pytest."""
    if set_up():
        return 1
    if shutil.which("chromium") is None:
        say("The pages are not tested in a browser: Chromium is not installed (Debian: apt-get install chromium).")
    say("Tests, with SQLite")
    failed = {"SQLite": test_once(words)}
    binaries = find_binaries()
    if binaries is None:
        say("Nothing is tested on PostgreSQL: it is not installed (Debian: apt-get install postgresql).")
    else:
        with run_cluster(binaries) as url:
            say(f"Database tests, with PostgreSQL of {binaries}")
            failed["PostgreSQL"] = test_once([*words, "-m", "database and not browser"], YINGBAO_DATABASE_URL=url)
    names = [name for name, code in failed.items() if code]
    return stop(f"tests failed with {' and with '.join(names)}") if names else 0


def test_once(words: Sequence[str], **environment: str) -> int:
    """Run pytest once on as many workers as there are cores; choosing no test is no failure."""
    workers = [] if any(word.startswith("-n") for word in words) else ["-n", str(min(os.cpu_count() or 1, 8))]
    code = run_in_venv("pytest", *workers, *words, check=False, **environment)
    return 0 if code == NO_TESTS else code


NO_TESTS = 5  # pytest's exit code where the words choose none, e.g. one file that never touches the database


def check(_: Sequence[str] = ()) -> int:
    """Run every check that is no test; ends with the names of those that failed."""
    if set_up():
        return 1
    manage = ["python", "-m", "django"]
    checks: dict[str, list[str]] = {
        "ruff": ["ruff", "check", "--quiet", "--no-cache"],
        "format": ["ruff", "format", "--check", "--quiet", "--no-cache"],
        "types": ["mypy"],
        "layers": ["lint-imports", "--no-cache"],
        "clauses": ["yingbao", "clauses"],
        "django": [*manage, "check", "--fail-level", "WARNING"],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
    }
    failed = []
    for name, words in checks.items():
        say(name)
        if run_in_venv(*words, check=False, DJANGO_SETTINGS_MODULE="tests.settings"):
            failed.append(name)
    return stop(f"checks that failed: {' '.join(failed)}") if failed else 0


def format_code(_: Sequence[str] = ()) -> int:
    """Put the code in the house's format and mend what can be mended."""
    return set_up() or run_in_venv("ruff", "check", "--fix", "--quiet") or run_in_venv("ruff", "format")


# ---------------------------------------------------------------- helpers


def run_in_venv(program: str, *words: str | Path, check: bool = True, **environment: str) -> int:
    """Run a program of .venv in the project's folder; return its exit code, or raise where ``check``."""
    return run([venv_program(program), *words], check=check, **environment)


def run(command: Sequence[str | Path], check: bool = True, **environment: str) -> int:
    """Run a command in the project's folder with UTF-8 for every text, whatever the machine's locale says.

    What Python compiled may be kept, whatever the machine says: without that each of some fifty processes of a test
    run compiles Django and all of ours again, which takes longer than what most of them are there for.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    with_ours = {**inherited, "PYTHONUTF8": "1", **QUIET_PIP, **environment}
    return subprocess.run(command, cwd=ROOT, env=with_ours, check=check).returncode


def venv_program(name: str) -> Path:
    """Return where .venv keeps a program."""
    return VENV / "Scripts" / f"{name}.exe" if os.name == "nt" else VENV / "bin" / name


def say(text: str) -> None:
    """Print a line before what a program prints."""
    print(f"── {text}", flush=True)


def stop(text: str, code: int = 1) -> int:
    """Print why this ends, and return the exit code."""
    print(text, file=sys.stderr, flush=True)
    return code


COMMANDS = {
    "setup": (set_up, "make .venv from uv.lock and compile the translations"),
    "demo": (show_demo, "one town, one season, end to end, then served (--no-serve, --port N)"),
    "serve": (serve, "serve what the last demo made (--port N)"),
    "test": (run_tests, "every test, on SQLite and PostgreSQL and in a browser (pytest's options)"),
    "check": (check, "linter, format, types, layers, clauses, migrations"),
    "bench": (run_benchmarks, "the benchmarks, or those named"),
    "format": (format_code, "format the code"),
    "messages": (report_messages, "compile the translations, list what is missing"),
}
PLAIN = {"setup", "check", "format", "messages"}  # take no words of their own
OWN_HELP = {"demo", "serve"}  # `--help` goes on to yingbao

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main())
