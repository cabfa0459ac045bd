"""Injection: how much a text reads like orders to a model."""
