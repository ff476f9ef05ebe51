"""Numbered receipts: stock, issuing, voiding, review, writing off (BN-4.3.3b)."""
