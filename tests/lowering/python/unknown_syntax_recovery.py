x = 1
def broken(:
    y = 2
z = load(x
w = 3
