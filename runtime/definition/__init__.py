"""The team's YAML: read with places, checked as a whole, compiled to a plan."""
