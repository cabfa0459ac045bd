"""The mesh over NATS: the only package that imports the NATS client and its keys."""
