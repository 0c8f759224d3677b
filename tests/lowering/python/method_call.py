user.load(1)
user.profile.save()
"a,b".split(",")
users[0].load()
