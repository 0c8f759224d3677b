var a = 1;
let b, c;
b = c = a;
b += 2;
a ??= b;
c++;
obj.field = b;
obj["key"] = c;
obj[a] = c;
