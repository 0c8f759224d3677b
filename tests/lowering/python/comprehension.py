a = [f(x) for x in xs if x]
b = {k: v for k, v in pairs for p in k}
c = sum(x for x in xs)
