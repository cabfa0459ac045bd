"""What goes wrong with the record."""


class StoreError(Exception):
    """Root: the record cannot be used; the message says which one, why, and what to do."""


class NoRecord(StoreError):
    """Raised when a record is to be read and there is none."""


class NotARecord(StoreError):
    """Raised when what the URL names is no database, or holds tables that are not Lictor's."""


class NewerRecord(StoreError):
    """Raised when the record was written by a newer Lictor."""


class OlderRecord(StoreError):
    """Raised when the record was written by an older Lictor and may not be migrated now."""


class StoreUnavailable(StoreError):
    """Raised when the database fails for a reason that may pass: it is locked, full, stopped or out of reach."""


class Unstorable(StoreError):
    """Raised when the database refuses the content of a batch, and would refuse it again."""
