"""What each child process runs: one module for each kind of part, with one function `run(life, ...)`."""
