for (const item of items) { use(item); }
for (const [key, value] of pairs) { use(key, value); }
for (const key in object) use(key);
