exports.f = function (x) { return exports.g(x); };
module.exports.g = x => x;
module.exports = { a, b: c, d() {}, e: x => x, ...require("./more") };
export default function () {}
export { a as z, default as y };
export { q } from "./q";
export * from "./all";
export * as space from "./space";
export const h = 1;
export class K {}
function a() {}
