"""The administrative tree: city > district > town > village."""
