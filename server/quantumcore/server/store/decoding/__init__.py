"""From the journal's records of the core to events of the contract."""
