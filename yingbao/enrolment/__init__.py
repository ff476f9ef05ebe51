"""Resident × insurance year × tier, with the decision it rests on."""
