"""Drive parts of the venue natively, so that they can be measured without Python's cost."""
