"""From which day to which day a resident has benefits, and why."""
