"""Dues, payments, receipts, custody, declarations, orders, refunds: the way of a fen from a hand to the treasury."""

from yingbao.collection.models.custody import Deposit, HandOver
from yingbao.collection.models.declarations import Declaration, DeclarationLine, ExchangeLayout
from yingbao.collection.models.dues import Due
from yingbao.collection.models.kept import KeptMoney
from yingbao.collection.models.orders import OrderLine, PaymentOrder
from yingbao.collection.models.payments import Payment, PaymentLine, PosStub
from yingbao.collection.models.receipts import OfficeSeal, Receipt, ReceiptBook
from yingbao.collection.models.refunds import Refund

__all__ = [
    "Declaration",
    "DeclarationLine",
    "Deposit",
    "Due",
    "ExchangeLayout",
    "HandOver",
    "KeptMoney",
    "OfficeSeal",
    "OrderLine",
    "Payment",
    "PaymentLine",
    "PaymentOrder",
    "PosStub",
    "Receipt",
    "ReceiptBook",
    "Refund",
]
