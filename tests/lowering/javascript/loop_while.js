let n = 0;
while (n < 3) { n += 1; }
do { n--; } while (n > 0);
for (let i = 0; i < 3; i++) use(i);
for (;;) { break; }
