@sealed
class Point {
  @bound load() { return 1; }
}
