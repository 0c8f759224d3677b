"""A value put into code."""


def double(value):
    return eval(f"int('{value}' or 0) * 2")
