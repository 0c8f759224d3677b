x = f(a) if a > 0 else g(a)
