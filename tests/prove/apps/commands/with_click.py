import os
import shlex

import click


@click.group()
def tool():
    """Looks at hosts."""


@tool.command("ping")
@click.argument("host")
@click.option("--count", type=int, required=True)
def ping(host, count):
    os.system(f"ping -c {count} {host}")  # flaw: command


@tool.command("safe-ping")
@click.argument("host")
@click.option("--count", type=int, required=True)
def safe_ping(host, count):
    os.system(f"ping -c {count} {shlex.quote(host)}")  # safe: command
