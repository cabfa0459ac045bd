"""The enforcer: the one reader of outboxes and the one writer of inboxes."""
