"""Documents as PDF: plain data in, bytes out. No Django."""

from yingbao.documents.capitals import in_capitals
from yingbao.documents.hand_overs import CashReport, Run, hand_over_pdf
from yingbao.documents.letters import Addressee, Letter, LetterClause, LetterRow, decision_letter_pdf
from yingbao.documents.notices import Notice, NoticeRow, public_notice_pdf
from yingbao.documents.receipts import Receipt, ReceiptLine, Voucher, receipt_pdf, receipt_slip_pdf, voucher_pdf
from yingbao.documents.refunds import RefundLine, RefundSlip, refund_slip_pdf

__all__ = [
    "Addressee",
    "CashReport",
    "Letter",
    "LetterClause",
    "LetterRow",
    "Notice",
    "NoticeRow",
    "Receipt",
    "ReceiptLine",
    "RefundLine",
    "RefundSlip",
    "Run",
    "Voucher",
    "decision_letter_pdf",
    "hand_over_pdf",
    "in_capitals",
    "public_notice_pdf",
    "receipt_pdf",
    "receipt_slip_pdf",
    "refund_slip_pdf",
    "voucher_pdf",
]
