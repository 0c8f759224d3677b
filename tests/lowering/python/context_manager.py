with open(a) as f, lock:
    f.read()
