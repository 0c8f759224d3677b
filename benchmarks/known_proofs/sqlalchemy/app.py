"""A shop: items, sorted as the user likes."""

from flask import Flask, request
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

Base = declarative_base()
engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
Session = sessionmaker(bind=engine)
app = Flask(__name__)


class Item(Base):
    __tablename__ = "item"
    id = Column(Integer, primary_key=True)
    name = Column(String)


Base.metadata.create_all(engine)


@app.route("/items")
def items():
    found = Session().query(Item).order_by(request.args["sort"]).all()
    return {"items": [item.name for item in found]}
