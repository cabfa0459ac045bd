"""The bus: the embedded NATS server, its keys, and the credentials of everyone who connects to it."""
