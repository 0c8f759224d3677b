let [a, , b = 1, ...c] = list;
const { d, e: { f }, g = 2, [key]: h, ...i } = object;
[a, b] = [b, a];
({ x: target.y, z: a } = object);
