function f(first, ...args) {
  return g(first, ...args);
}
