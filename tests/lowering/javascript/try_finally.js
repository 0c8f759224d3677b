try {
  risky();
} catch ({ message }) {
  log(message);
} finally {
  close();
}
try { risky(); } catch { throw new Error("no"); }
