const a = -x, b = !x, c = "k" in y, d = x >>> 1;
const e = typeof x === "string", f = x instanceof Y;
const g = x / 2, h = void 0, i = (1, x);
const r = /^a+$/i.test(x);
