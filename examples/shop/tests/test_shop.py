"""The shop works, which is a different thing from being safe."""

import pytest

from shop import catalog, database, files
from shop.accounts import digest
from shop.app import app


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with database.connect() as connection:
        connection.execute("CREATE TABLE item (number INTEGER, name TEXT, price INTEGER)")
        connection.execute("INSERT INTO item VALUES (1, 'red pen', 3), (2, 'blue pen', 4)")
        connection.execute("CREATE TABLE account (user TEXT, digest TEXT)")
        connection.execute("INSERT INTO account VALUES ('ann', ?)", (digest("secret"),))
    return app.test_client()


def test_search(client):
    assert client.get("/search?q=red").json == {"items": [{"name": "red pen", "price": 3}]}


def test_item(client):
    assert client.get("/items/2").json == {"name": "blue pen", "price": 4}
    assert client.get("/items/3").status_code == 404


def test_login(client):
    form = {"user": "ann", "password": "secret", "next": "/"}
    assert client.post("/login", data=form).status_code == 302
    assert client.post("/login", data=form | {"password": "wrong"}).status_code == 403


def test_import(client):
    assert client.post("/import", data="[{name: pen}, {name: ink}]").json == {"count": 2}


def test_settings():
    assert catalog.load_settings("currency: EUR") == {"currency": "EUR"}


def test_invoices_stay_in_their_folder():
    with pytest.raises(ValueError, match="no such invoice"):
        files.read_invoice("../../etc/passwd")
