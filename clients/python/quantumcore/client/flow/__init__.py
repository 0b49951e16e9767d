"""Order flow to replay: recordings of other venues and a seeded generator."""
