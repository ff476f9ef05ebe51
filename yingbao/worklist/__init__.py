"""Work items: what went wrong or is due, who must see to it, and by when."""
