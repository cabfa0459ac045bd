"""`python -m lictor` is the `lictor` command."""

from lictor.runtime.cli.main import main

if __name__ == "__main__":
    main()
