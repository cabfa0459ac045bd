"""The composition root: the `lictor` command, and the wiring of every part."""
