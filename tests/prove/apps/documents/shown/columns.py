"""How the table is asked for."""

from feeds import table

print(list(table("cells.xml", "tr", "td")))
