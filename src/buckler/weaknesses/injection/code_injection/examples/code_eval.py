"""A value read with eval."""


def number(text):
    return eval(text)
