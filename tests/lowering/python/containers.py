a = [1, *rest, 2]
b = (1, 2)
c = {1, 2}
d = {"k": 1, **more, name: 2}
e = a[0]
f = a[1:-1]
