"""Why a tool server cannot be."""


class SourceFailed(Exception):
    """Raised when what a tool server has behind it cannot start, or has stopped; the text says what and what to do."""
