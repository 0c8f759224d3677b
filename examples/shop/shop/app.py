"""The pages of the shop."""

from flask import Flask, abort, redirect, render_template, request

from shop import accounts, catalog, files, partners

app = Flask(__name__)
app.secret_key = "3f9a1c7be24d4f0c8c1e5d6b"


@app.get("/search")
def search():
    return {"items": catalog.find_items(request.args.get("q", ""))}


@app.get("/items/<int:number>")
def item(number):
    found = catalog.item(number)
    return found if found else abort(404)


@app.get("/greeting")
def greeting():
    name = request.args.get("name", "guest")
    return f"<h1>Welcome, {name}!</h1>"


@app.get("/welcome")
def welcome():
    return render_template("welcome.html", name=request.args.get("name", "guest"))


@app.get("/manuals")
def manual():
    return {"text": files.read_manual(request.args["name"])}


@app.get("/invoices")
def invoice():
    return {"text": files.read_invoice(request.args["name"])}


@app.post("/thumbnails")
def thumbnail():
    return {"made": files.make_thumbnail(request.form["picture"], request.form["size"])}


@app.get("/preview")
def preview():
    return {"text": partners.fetch_preview(request.args["url"])}


@app.get("/prices")
def prices():
    return {"prices": partners.fetch_prices(request.args["product"])}


@app.post("/import")
def bulk_import():
    return {"count": len(catalog.load_items(request.get_data()))}


@app.post("/login")
def login():
    if not accounts.check(request.form["user"], request.form["password"]):
        abort(403)
    return redirect(request.form["next"])


@app.post("/logout")
def logout():
    return redirect("/")
