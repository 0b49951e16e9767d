"""How things stand, kept in tables beside the events they are made from."""
