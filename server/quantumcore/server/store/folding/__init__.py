"""How a thing stands, from its events alone."""
