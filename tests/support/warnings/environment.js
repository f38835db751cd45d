"use strict";
/*
 * Jest's environment for Node, in which a warning fails the test that provoked it, or the file if no test runs. A
 * warning of a child process fails the file. Only the environment sees the real `process`; tests are given a copy.
 */
const fs = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { setImmediate } = require("node:timers/promises");
const { TestEnvironment } = require("jest-environment-node");
const { describe, isRefused } = require("./refused");

class WarningEnvironment extends TestEnvironment {
  #folder;
  #nodeOptions;
  /** @type {Error[]} */
  #warnings = [];
  /** @param {Error} warning */
  #listener = (warning) => {
    if (isRefused(warning)) this.#warnings.push(new Refused(describe(warning)));
  };

  /**
   * @param {import("@jest/environment").JestEnvironmentConfig} config
   * @param {import("@jest/environment").EnvironmentContext} context
   */
  constructor(config, context) {
    const folder = fs.mkdtempSync(join(tmpdir(), "warnings-"));
    const report = join(folder, "report");
    fs.writeFileSync(report, "");
    // A child may run as another user, who cannot read the checkout.
    for (const file of ["in-child.js", "refused.js"]) {
      fs.copyFileSync(join(__dirname, file), join(folder, file));
      fs.chmodSync(join(folder, file), 0o644);
    }
    fs.chmodSync(folder, 0o711);
    fs.chmodSync(report, 0o666);
    const before = process.env.NODE_OPTIONS;
    const hook = `--require "${join(folder, "in-child.js")}"`;
    process.env.NODE_OPTIONS = before === undefined ? hook : `${before} ${hook}`;
    process.env.TEST_WARNINGS_FILE = report;
    super(config, context);
    this.#folder = folder;
    this.#nodeOptions = before;
    process.on("warning", this.#listener);
  }

  /**
   * @param {import("@jest/types").Circus.Event} event
   * @param {import("@jest/types").Circus.State} state
   */
  async handleTestEvent(event, state) {
    if (event.name !== "test_done" && event.name !== "run_finish") return;
    // Node emits a warning in the next tick.
    await setImmediate();
    const errors = event.name === "test_done" ? event.test.errors : state.unhandledErrors;
    errors.push(...this.#warnings.splice(0));
    if (event.name === "run_finish") errors.push(...this.#warningsOfChildren());
  }

  #warningsOfChildren() {
    const lines = fs.readFileSync(join(this.#folder, "report"), "utf8").split("\n").filter(Boolean);
    return lines.map((line) => new Refused(JSON.parse(line)));
  }

  /** @override */
  async teardown() {
    process.off("warning", this.#listener);
    if (this.#nodeOptions === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = this.#nodeOptions;
    delete process.env.TEST_WARNINGS_FILE;
    fs.rmSync(this.#folder, { recursive: true, force: true });
    await super.teardown();
  }
}

/** A warning as an error of a test. Its stack is that of the warning. */
class Refused extends Error {
  /** @param {string} text */
  constructor(text) {
    super(`a warning fails the tests (tests/support/warnings):\n${text}`);
    this.stack = this.message;
  }
}

module.exports = WarningEnvironment;
