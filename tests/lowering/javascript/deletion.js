delete a[0];
delete a.b, delete a["c"];
