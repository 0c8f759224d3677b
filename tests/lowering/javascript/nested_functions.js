const made = b();
function a() {
  return b();
  function b() {
    return function c() { return c && a; };
  }
}
function b() {}
