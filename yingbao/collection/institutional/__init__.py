"""What an institution's people owe, the bills it pays in one sum, and what it has paid (BN-3.2.2)."""
