class A {
  static limit = 10;
  #name = "x";
  run = () => this.#name;
}
class B {
  name;
  constructor(name) { this.name = name; }
}
