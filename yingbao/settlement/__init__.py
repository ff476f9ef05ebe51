"""What each paying department owes for whom."""
