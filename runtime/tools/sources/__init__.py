"""Implementations of Source: what a tool server can have behind it."""
