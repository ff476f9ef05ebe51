"""Changing people and households one by one, and the history every change leaves."""
