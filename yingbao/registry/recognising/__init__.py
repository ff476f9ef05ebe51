"""Who a row or a second record means: likeness, questions, duplicates, merging."""
