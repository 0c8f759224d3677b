for item in items:
    if item.skip:
        continue
    if item.last:
        break
    use(item)
