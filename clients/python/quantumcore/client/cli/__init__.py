"""The `quantumcore` command."""
