function* pairs(items) {
  for (const item of items) { const sent = yield [item, 1]; }
  yield* items;
}
