"""What waits for a person: bound to the exact action, bounded in number and in time, and without I/O."""
