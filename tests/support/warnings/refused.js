"use strict";
/*
 * The warnings of Node and of packages that fail a test. Each announces a fault of the code that provoked it: a call
 * that the next major version refuses, or listeners and timers that leak.
 */

const REFUSED = new Set([
  "DeprecationWarning",
  "MaxListenersExceededWarning",
  "TimeoutNaNWarning",
  "TimeoutNegativeWarning",
  "TimeoutOverflowWarning",
]);

/** Warnings of third-party code that cannot be fixed here, by code, with the reason. */
const ACCEPTED = new Map([
  ["DEP0040", "punycode: tr46, of the node-fetch 2 that @kubernetes/client-node uses"],
  ["DEP0169", "url.parse(): the same node-fetch"],
]);

/** @param {Error & { code?: string }} warning */
const isRefused = ({ name, code }) => REFUSED.has(name) && !ACCEPTED.has(code ?? "");

/** @param {Error} warning */
const describe = ({ name, message, stack }) =>
  stack?.includes(message) ? stack : `${name}: ${message}`;

module.exports = { isRefused, describe };
