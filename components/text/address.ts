import { isIPv6 } from "node:net";

/** Hosts and ports as they are written. */

/** `127.0.0.1:5432`, `[::1]:5432`. */
export function hostAndPort(host: string, port: number | string): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** A host as a connection URL has it: IPv6 in brackets, its zone and the folder of a socket encoded. */
export function hostInUrl(host: string): string {
  const encoded = encodeURIComponent(host);
  return isIPv6(host) ? `[${encoded.replaceAll("%3A", ":")}]` : encoded;
}

/** Whether it is an address or a name, and nothing besides. */
export function isHost(text: string): boolean {
  return isIPv6(text) || /^[\p{L}\d_]([\p{L}\d._-]*[\p{L}\d_.])?$/u.test(text);
}
