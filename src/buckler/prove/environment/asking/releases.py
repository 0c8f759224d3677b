"""Every archive of a package that the configured index offers: `python releases.py NAME`."""

import json
import sys
from typing import Any

from pip._internal.commands import create_command

command: Any = create_command("index")
options, _ = command.parse_args(["versions", sys.argv[1]])
with command.main_context():
    session = command._build_session(options)
    finder = command._build_package_finder(options, session, ignore_requires_python=True)
    rows = [
        {
            "version": str(found.version),
            "file": found.link.filename,
            "hash": f"{found.link.hash_name}:{found.link.hash}" if found.link.hash else "",
            "yanked": bool(found.link.is_yanked),
            "uploaded": str(found.link.upload_time.date()) if getattr(found.link, "upload_time", None) else "",
            "python": found.link.requires_python or "",
        }
        for found in finder.find_all_candidates(sys.argv[1])
    ]
sys.stdout.write(f"releases {json.dumps(rows)}\n")
