"""Supervision in OTP's words: children are started, watched and restarted; decisions are pure."""
