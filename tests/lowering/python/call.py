f()
f(1, a, *rest)
f(1, name=2, **more)
g(h(1))(2)
