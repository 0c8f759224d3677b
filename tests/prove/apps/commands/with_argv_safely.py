import os
import shlex
import sys


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: with_argv HOST")
    os.system("ping -c 1 " + shlex.quote(sys.argv[1]))  # safe: command


if __name__ == "__main__":
    main()
