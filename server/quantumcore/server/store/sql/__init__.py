"""The event store on SQLAlchemy Core: SQLite embedded, PostgreSQL by URL."""
