outer: for (const item of items) {
  for (const part of item) {
    if (part.skip) continue outer;
    if (part.last) break;
    use(part);
  }
  if (item.last) break;
}
