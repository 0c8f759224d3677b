def f(first, *args, **kwargs):
    return g(first, *args, **kwargs)
