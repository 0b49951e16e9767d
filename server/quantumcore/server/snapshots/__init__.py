"""Stored images of the exchange, from which a venue starts in bounded time."""
