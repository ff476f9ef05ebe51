"""Orders to pay by phone: opened here, paid through a channel."""
