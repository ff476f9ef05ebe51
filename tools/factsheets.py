"""The pages of ``docs/rules``: the fact sheet of every pack that ships, in Chinese and English.

``python -m tools.factsheets`` writes them anew; a test keeps them equal to what the packs say.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.messages import compile_catalogue, join_parts
from yingbao.policy import get_policy, list_packs
from yingbao.policy.factsheet import make_sheet, write_markdown

RULES = Path(__file__).resolve().parent.parent / "docs" / "rules"
FOLDERS = {"en": RULES, "zh": RULES / "zh"}


def main() -> None:
    """Compile the English catalogue, then write every page."""
    compile_catalogue(join_parts()[0])
    for path, content in list_pages():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
        print(path.relative_to(RULES))


def list_pages() -> Iterator[tuple[Path, str]]:
    """Yield the path and the content of every page."""
    for name in list_packs():
        sheet = make_sheet(get_policy(name))
        for language, folder in FOLDERS.items():
            yield folder / f"{name}.md", write_markdown(sheet, language)


if __name__ == "__main__":
    main()
