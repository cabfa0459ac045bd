"""The mesh within one process, without a broker: for tests, Lictor's own and its users'."""
