"""The gRPC front door: one module for each service, and what they share."""
