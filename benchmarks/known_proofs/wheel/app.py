"""Prints what the name of a wheel says of it."""

import argparse

from wheel.wheelfile import WheelFile


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel")
    arguments = parser.parse_args()
    with WheelFile(arguments.wheel) as wheel:
        print(wheel.parsed_filename.groupdict())


if __name__ == "__main__":
    main()
