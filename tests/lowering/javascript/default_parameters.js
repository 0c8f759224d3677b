function f(a, b = 1, { c = 2, d: [e] } = {}, g = make(a)) {
  return [a, b, c, e, g];
}
