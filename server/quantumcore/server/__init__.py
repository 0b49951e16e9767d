"""The venue: core, journal, feed, store and the services in front of them."""
