"""Revisions of the record's tables, run by `open_store`."""
