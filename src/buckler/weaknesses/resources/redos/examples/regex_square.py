import re


def is_address(address):
    """Whether it looks like a mail address."""
    return re.match(r"^\S+@\S+\.\S+$", address) is not None
