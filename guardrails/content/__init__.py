"""Content guards: what a message holds, found by scanners and judged by the policy."""
