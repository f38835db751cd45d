"use strict";
/** Stands for a package that is loaded and never used. */
module.exports = new Proxy(
  {},
  {
    get: (_, name) => {
      if (name === "__esModule" || typeof name === "symbol") return undefined;
      throw new Error(`tests do not load this package, and ${name} of it was asked for`);
    },
  },
);
