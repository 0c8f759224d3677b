def a():
    def b():
        def c():
            return a
        return c
    return b()
