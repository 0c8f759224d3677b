const a = [1, ...rest, 2];
const d = { k: 1, ...more, [name]: 2, "quoted": 3, 4: 5, rest };
const e = a[0];
const f = d["k"];
