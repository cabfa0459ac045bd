"""Personal data: patterns, checked by their checksums where they have one."""
