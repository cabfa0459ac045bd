"""One module for each command; each has `app`, and is imported only when its command is used."""
