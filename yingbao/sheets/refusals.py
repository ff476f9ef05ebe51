"""The sentences in which a whole file is refused: what happened, which fact, what to do next."""

from __future__ import annotations

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, Message, say

SAVE_AS = N_("请用 Excel 或 WPS 打开后另存为 .xlsx 再上传")
SPLIT = N_("请拆成几个较小的文件分别上传")
SEND_AGAIN = N_("请重新导出或重新传送该文件")


def refuse(name: str, fact: Message, todo: Message) -> BadInput:
    """Build the refusal of file ``name``, whose content has not been taken in at all."""
    return BadInput(say(N_("文件“{name}”没有导入"), name=name), fact=fact, todo=todo)


def too_large(name: str, megabytes: int) -> BadInput:
    return refuse(name, say(N_("文件超过 {limit} MB"), limit=megabytes), say(SPLIT))


def too_many_rows(name: str, limit: int) -> BadInput:
    return refuse(name, say(N_("表格超过 {limit} 行"), limit=f"{limit:,}"), say(SPLIT))


def too_wide(name: str) -> BadInput:
    fact = say(N_("表格的范围大得不合常理，可能在很远的行或列误填了内容"))
    return refuse(name, fact, say(N_("请把数据复制到一张新表再上传")))


def bomb(name: str) -> BadInput:
    fact = say(N_("压缩内容展开后大得不合常理，疑为恶意文件"))
    return refuse(name, fact, say(N_("请不要再打开它，并向来文单位核实")))


def hostile_xml(name: str) -> BadInput:
    fact = say(N_("文件内含表格不应有的 DOCTYPE 或实体声明，疑为恶意文件"))
    return refuse(name, fact, say(N_("请不要再打开它，并向来文单位核实")))


def damaged(name: str) -> BadInput:
    return refuse(name, say(N_("文件不完整或已损坏")), say(SEND_AGAIN))


def wrong_kind(name: str, found: str) -> BadInput:
    fact = say(N_("它其实是{found}，不是表格文件"), found=say(found))
    return refuse(name, fact, say(SAVE_AS))


def unknown_kind(name: str) -> BadInput:
    return refuse(name, say(N_("认不出它是 .xlsx、.xls 还是 .csv")), say(SAVE_AS))


def no_password(name: str) -> BadInput:
    return refuse(name, say(N_("文件有密码，但没有给密码")), say(N_("请填写来文单位告知的密码")))


def wrong_password(name: str) -> BadInput:
    return refuse(name, say(N_("密码不对")), say(N_("请向来文单位核对密码，注意大小写")))


def no_text(name: str) -> BadInput:
    fact = say(N_("文字既不是 UTF-8 也不是 GB18030 编码"))
    return refuse(name, fact, say(SAVE_AS))


def no_sheet(name: str) -> BadInput:
    return refuse(name, say(N_("没有一张可见的工作表有内容")), say(N_("请检查是否传错了文件")))


def sheet_not_there(name: str, sheet: str) -> BadInput:
    return refuse(name, say(N_("没有名为“{sheet}”的工作表"), sheet=sheet), say(N_("请核对工作表名称")))


def several_sheets(name: str, sheets: list[str]) -> BadInput:
    fact = say(N_("有 {count} 张工作表都有内容：{sheets}"), count=len(sheets), sheets="、".join(sheets))
    return refuse(name, fact, say(N_("请指明读哪一张，或只留一张")))


def no_rows(name: str, sheet: str) -> BadInput:
    fact = say(N_("工作表“{sheet}”表头下面没有数据"), sheet=sheet)
    return refuse(name, fact, say(N_("请检查是否传错了文件")))


def missing_columns(name: str, columns: list[str]) -> BadInput:
    fact = say(N_("缺少列：{columns}"), columns="、".join(columns))
    return refuse(name, fact, say(N_("请对照模板的表头补上，列的先后不限")))


def no_header(name: str, columns: list[str]) -> BadInput:
    fact = say(N_("前 {rows} 行里找不到表头"), rows=HEADER_SEARCH_ROWS)
    return refuse(name, fact, say(N_("表头应有这些列：{columns}"), columns="、".join(columns)))


def doubled_column(name: str, column: str, first: str, second: str) -> BadInput:
    fact = say(N_("列“{column}”出现两次（{first} 列和 {second} 列）"), column=column, first=first, second=second)
    return refuse(name, fact, say(N_("请删去或改名其中一列")))


def empty_key(name: str, column: str) -> BadInput:
    fact = say(N_("列“{column}”整列为空"), column=column)
    return refuse(name, fact, say(N_("缺了这一列，每个人都会被当作不在名单上；请补全后再上传")))


HEADER_SEARCH_ROWS = 30
