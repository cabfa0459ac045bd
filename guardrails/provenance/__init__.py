"""Provenance: which labels every message carries, computed from what has flowed to its sender."""
