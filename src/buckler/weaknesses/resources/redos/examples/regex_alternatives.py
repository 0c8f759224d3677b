import re


def is_list(text):
    """Whether it is a list of words."""
    return re.match(r"^(a|b|ab)*$", text) is not None
