"""Programs that the installer's own interpreter runs inside its sandbox, to ask the index; each prints JSON."""
