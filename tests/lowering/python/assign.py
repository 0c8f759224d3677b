a = 1
b = c = a
b += 2
d: str = "text"
obj.field = b
obj["key"] = c
