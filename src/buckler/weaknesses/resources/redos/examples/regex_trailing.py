import re


def strip_end(text):
    """Remove spaces before each line's end."""
    return re.sub(r"[ \t]+$", "", text)
