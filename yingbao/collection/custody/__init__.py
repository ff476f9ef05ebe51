"""Cash in hand: deposits, counting and handing over (BN-4.3.3d)."""
