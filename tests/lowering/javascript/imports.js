import os, { join as j } from "node:path";
import * as everything from "lib";
import db, { query } from "./db.js";
import "effect";
const cp = require("child_process"), { exec: run, spawn } = require("child_process");
const late = require("../up/late").late;
const { deep: { er } } = require("x");
const dynamic = require(name);
await import("./lazy");
