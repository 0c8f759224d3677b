"""A method is chosen and called by evaluating a text that spells the call."""


class Units:
    @staticmethod
    def metre(amount, places=2):
        return f"{round(float(amount), places)} m"

    @staticmethod
    def foot(amount, places=2):
        return f"{round(float(amount) / 0.3048, places)} ft"


def converted(unit, amount, places=1):
    return eval(f"Units.{unit}('{amount}', places={places})")
