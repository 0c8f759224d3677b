const name = "x";
const a = `hello ${name}!`;
const b = `plain`;
const c = sql`SELECT ${name} FROM t`;
const d = 'it\'s \u0041\n' + b;
