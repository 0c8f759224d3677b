const x = 1;
function broken( { y = 2; }
const z = load(x;
const w = 3;
