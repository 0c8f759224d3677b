import os
import sys


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: with_argv HOST")
    os.system("ping -c 1 " + sys.argv[1])  # flaw: command


if __name__ == "__main__":
    main()
