f();
f(1, a, ...rest);
g(h(1))(2);
new Thing(1, a);
new space.Thing;
f?.(1);
