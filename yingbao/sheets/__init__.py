"""Office files in and out, safely. No Django, no knowledge of the business beyond the layouts' names."""

from yingbao.sheets.encryption import encrypt_xlsx, is_encrypted
from yingbao.sheets.guards import Limits
from yingbao.sheets.layout import Column, Kind, Layout
from yingbao.sheets.reader import Row, Table, read_table, stream_table
from yingbao.sheets.rejects import write_rejects
from yingbao.sheets.writer import Sheet, csv_bytes, sheet_of, write_csv, write_template, write_xlsx, xlsx_bytes

__all__ = [
    "Column",
    "Kind",
    "Layout",
    "Limits",
    "Row",
    "Sheet",
    "Table",
    "csv_bytes",
    "encrypt_xlsx",
    "is_encrypted",
    "read_table",
    "sheet_of",
    "stream_table",
    "write_csv",
    "write_rejects",
    "write_template",
    "write_xlsx",
    "xlsx_bytes",
]
