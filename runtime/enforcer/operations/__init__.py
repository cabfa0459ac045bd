"""What an operator may have the enforcer do, by calling it as a tool: one file an operation."""
