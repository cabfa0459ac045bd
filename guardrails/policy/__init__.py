"""Policy in Rego: the bundle, the engine that evaluates it, and the fields of the input that it reads."""
