"""The exchange: deterministic, no input or output, compiled where it is hot."""
