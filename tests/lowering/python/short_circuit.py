if a and (b or c) and not d:
    x = 1
y = a or load()
z = a and b
