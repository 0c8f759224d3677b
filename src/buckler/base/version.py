"""The version, in the one place the build and the reports read it from."""

from __future__ import annotations

VERSION = "0.1.0"
