for item in items:
    use(item)
for key, value in pairs:
    use(key, value)
