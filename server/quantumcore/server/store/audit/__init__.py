"""Prove to an auditor that nothing was changed: the journal, the store, one event."""
