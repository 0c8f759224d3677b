"""A call that is put together as text, with one value between quotes and one without."""


def news(text):
    return [f"{text} number {n}" for n in range(40)]


def search(text, limit=3):
    return eval(f"news('{text}')[:{limit} * 10]")
