a, b = pair
(c, [d, *e]) = nested
a, b = b, a
