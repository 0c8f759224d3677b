async def load(client):
    async with client.open() as session:
        async for row in session:
            await use(row)
    return await session.get()
