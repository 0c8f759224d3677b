import os
import shlex

import typer

app = typer.Typer()


@app.command()
def ping(host: str, count: int = 1):
    os.system(f"ping -c {count} {host}")  # flaw: command


@app.command()
def safe_ping(host: str, count: int = 1):
    os.system(f"ping -c {count} {shlex.quote(host)}")  # safe: command
