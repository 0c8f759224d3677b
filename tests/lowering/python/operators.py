a = -x
b = not x
c = x in y
d = 1 < x <= 3
e = isinstance(x, str)
f = x is None
(g := 1)
