"""Journeys of people and money, through the use cases a town would use."""
