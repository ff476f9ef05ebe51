"""Typst, run on templates of ours and data of others; the two never mix.

Data goes in as one JSON string that the template parses: a name like ``#read("/etc/passwd")`` is only ever
shown. Templates are the only source Typst sees, and its root holds nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst

TEMPLATES = Path(str(files("yingbao.documents"))) / "templates"


def typeset(template: str, data: Mapping[str, object], *, dated: date) -> bytes:
    """Return ``template`` filled with JSON-able ``data`` as PDF; the same input gives the same bytes.

    ``dated`` is the document's own day and becomes the PDF's creation date.
    """
    compiler = typst.Compiler(TEMPLATES / f"{template}.typ", root=TEMPLATES, font_paths=_fonts())
    made = compiler.compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=datetime(dated.year, dated.month, dated.day, tzinfo=UTC),
        pdf_tags=False,
    )
    if not isinstance(made, bytes):
        raise TypeError("typst gave pages instead of a document")
    return made


@cache
def _fonts() -> typst.Fonts:
    # Only these two: what is printed must not depend on the fonts of the machine.
    folder = Path(pylopdf_fonts_zh_cn.__file__).parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def chinese_date(day: date) -> str:
    """Return a date as documents write it: 2022年12月1日."""
    return f"{day.year}年{day.month}月{day.day}日"
