@app.route("/x", methods=["GET"])
@login_required
def view():
    return 1


@dataclass
class Point:
    x: int = 0
