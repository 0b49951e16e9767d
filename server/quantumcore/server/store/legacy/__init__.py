"""A store as the product's predecessor had: state in mutable rows, and a log of lines."""
