"""The recorder: the one writer of the record."""
