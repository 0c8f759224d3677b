def outer(x):
    y = x

    def inner():
        nonlocal y
        y = y + x
        return late
    late = 1
    return inner
