"""`python -m buckler` is the command `buckler`."""

from buckler.cli.main import main

if __name__ == "__main__":
    main()
