"""Office files in and out, safely. No Django, no knowledge of the business beyond the layouts' names."""

from yingbao.sheets.encryption import encrypt_xlsx
from yingbao.sheets.guards import Limits
from yingbao.sheets.layout import Column, Kind, Layout
from yingbao.sheets.reader import Row, Table, read_table

__all__ = ["Column", "Kind", "Layout", "Limits", "Row", "Table", "encrypt_xlsx", "read_table"]
