page = t"<p>{name}</p>"
