let x;
if (a && (b || c) && !d) { x = 1; }
const y = a || load();
const z = a && b;
const w = a ?? load();
