const double = x => x * 2;
const add = (x, y = 1, ...z) => { return x + y; };
items.map(function (x) { return x; });
(function () { use(this, arguments[0]); })(1);
