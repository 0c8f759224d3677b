import enum
import os
import shlex
import subprocess
from dataclasses import dataclass

import attrs
import pydantic


class Speed(enum.Enum):
    SLOW = 1
    FAST = 2


@dataclass
class Place:
    path: str
    speed: Speed


@attrs.define
class Person:
    name: str
    age: int


class Job(pydantic.BaseModel):
    title: str
    copies: int


def save(place: Place, speed: Speed):
    if place.speed is speed:
        os.system("tar cf - " + place.path)  # flaw: command


def greet(person: Person):
    if person.age:
        os.system("echo " + person.name)  # flaw: command


def show(job: Job):
    if job.copies == 1:
        os.system("lp -t " + job.title)  # flaw: command


class Runner:
    def __init__(self, tool, target, port):
        self.tool = tool
        self.target = target
        self.port = int(port)

    def run(self):
        return subprocess.call(f"{self.tool} {self.target}:{self.port}", shell=True)  # flaw: command


def keep(name, check=True):
    if check:
        raise ValueError(name)
    os.system("touch " + name)  # flaw: command


def keep_safely(name, check=False):
    if check:
        raise ValueError(name)
    os.system("touch " + shlex.quote(name))  # safe: command
