"""Move from one store to another while the venue trades, phase by phase."""
