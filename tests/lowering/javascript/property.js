class A {
  get size() { return this._size; }
  set size(value) { this._size = value; }
}
const o = { get size() { return 1; }, load() {}, async *each() {} };
