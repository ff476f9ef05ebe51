"""Money a channel reports for nobody we know: kept, taken for somebody found later, or returned."""
