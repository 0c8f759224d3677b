class A extends lib.Base {
  constructor(key) { super(key); }
  load(key) { return super.load(key); }
  static make() { return new this(); }
}
const B = class extends A { kind = 1; };
