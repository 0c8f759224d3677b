const a = xs.filter(x => x).map(x => f(x));
const b = Object.fromEntries(pairs.map(([k, v]) => [k, v]));
