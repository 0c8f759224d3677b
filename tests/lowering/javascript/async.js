async function load(client) {
  for await (const row of client) { await use(row); }
  return await client.get();
}
const go = async () => await load();
