"""Finding people at a million: search, filters, exports, the data quality board."""
