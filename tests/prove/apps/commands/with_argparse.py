import argparse
import os


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("--count", type=int, required=True)
    options = parser.parse_args(argv)
    os.system(f"ping -c {options.count} {options.host}")  # flaw: command


if __name__ == "__main__":
    main()
