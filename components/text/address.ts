import { isIPv6 } from "node:net";

/** Formats hosts and ports. */

/** `127.0.0.1:5432` or `[::1]:5432`. */
export function hostAndPort(host: string, port: number | string): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Host in a connection URL: IPv6 in brackets, its zone and a socket's folder percent-encoded. */
export function hostInUrl(host: string): string {
  const encoded = encodeURIComponent(host);
  return isIPv6(host) ? `[${encoded.replaceAll("%3A", ":")}]` : encoded;
}

/** Whether the text is a plain IP address or host name. */
export function isHost(text: string): boolean {
  return isIPv6(text) || /^[\p{L}\d_]([\p{L}\d._-]*[\p{L}\d_.])?$/u.test(text);
}
