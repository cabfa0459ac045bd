"""The record: every message, every verdict, every task, in SQLite or PostgreSQL."""
