"""Lictor runs teams of LLM agents in which no message is delivered unless policy says so."""

__version__ = "0.1.0"
