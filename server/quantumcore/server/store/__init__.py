"""What happened, as events of the contract, stored where it can be queried."""
