match command:
    case "go" | "run":
        x = 1
    case [first, *rest] if rest:
        x = first
    case {"k": value}:
        x = value
    case Point(x=0):
        x = 0
    case _:
        x = 2
