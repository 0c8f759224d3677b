const x = a > 0 ? f(a) : g(a);
