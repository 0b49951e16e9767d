"""Hold the generated messages and stubs of the contract, package `quantumcore.v1`."""
