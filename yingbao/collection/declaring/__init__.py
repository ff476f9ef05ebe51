"""Declaring to the tax client and taking its answer in (PJ-5.2.2)."""
