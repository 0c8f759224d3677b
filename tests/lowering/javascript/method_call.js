user.load(1);
user.profile?.save();
"a,b".split(",");
users[0].load();
user["load"](1);
f.call(null, 1);
Base.prototype.load.apply(this, list);
