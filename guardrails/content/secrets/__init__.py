"""Secrets: what looks like a credential, and the very secrets that this team knows."""
