"""Contracts: which tools a task may call, how often, and where each argument may come from."""
