"""Dues, payments, receipts, deposits, declarations."""
