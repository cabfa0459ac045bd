"""Behaviour: what a message means after those before it: loops, storms, burning budgets, sequences never seen."""
