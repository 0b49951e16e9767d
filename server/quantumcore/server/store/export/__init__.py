"""Write events to files, and read them back."""
