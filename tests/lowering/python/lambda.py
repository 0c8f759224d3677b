double = lambda x: x * 2
add = lambda x, y=1, *z: x + y
