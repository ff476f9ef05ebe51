"""The web door: pages for every role. Parse, one call, render."""
