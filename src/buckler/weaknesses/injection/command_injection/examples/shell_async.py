"""A command that is awaited."""

import asyncio


async def checksum(name):
    process = await asyncio.create_subprocess_shell(f"sha256sum {name}", stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return out.decode().partition(" ")[0]
