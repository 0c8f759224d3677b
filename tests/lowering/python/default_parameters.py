def f(a, b=1, *, c=None, d: str = "x"):
    return a, b, c, d
