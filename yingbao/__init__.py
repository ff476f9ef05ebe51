"""应保: everyone who should be covered is covered."""
