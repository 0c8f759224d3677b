function outer(x) {
  let y = x;
  function inner() {
    y = y + x;
    return late;
  }
  let late = 1;
  { let y = 2; use(() => y); }
  return inner;
}
