"""Lists of who is covered elsewhere or has died, and the spans they open and end."""
