{
  using file = open(a);
  file.read();
}
with (object) { read(); }
