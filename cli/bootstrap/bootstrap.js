"use strict";
/*
 * The first file of every command. It runs on a fresh clone, with no package installed. It only uses syntax that an old
 * Node can parse, so that an old Node prints the error below.
 */
const required = 20;

if (Number(process.versions.node.split(".")[0]) < required) {
  console.error(
    "This project needs Node " +
      required +
      " or later; this is Node " +
      process.versions.node +
      ".",
  );
  process.exit(1);
}

// Child processes use it, too. An inherited value may belong to another checkout.
process.env.SARK_ROOT = require("path").join(__dirname, "../..");
const { prepareProcess } = require("./prepare-process");
prepareProcess(process.env, process.argv[2]);
const { refuseForeignCheckout } = require("./checkout");
refuseForeignCheckout(process.env.SARK_ROOT);

/** @type {string} */
let main;
try {
  const { writing } = require("../../components/files/files");
  const { ensureInstalled } = require("./install");
  writing(process.env.SARK_ROOT, ensureInstalled);
  const { ensureBuilt } = require("./build");
  main = ensureBuilt("main");
  const { servePackages } = require("./packages");
  servePackages(process.env.SARK_ROOT);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
require(main);
