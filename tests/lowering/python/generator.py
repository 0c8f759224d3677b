def pairs(items):
    for item in items:
        yield item, 1
    yield from items
