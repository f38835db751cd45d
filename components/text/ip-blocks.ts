import ipaddr from "ipaddr.js";

/** Blocks of addresses in CIDR notation, of both versions of IP. */

/**
 * Whether a block is written as Kubernetes wants it: four decimal numbers or an IPv6 address, which is the block's
 * first. A leading zero is octal to some readers, and an IPv4 address inside of IPv6 is another block to some.
 */
export function isBlock(text: string): boolean {
  if (!/^[\da-f.:]+\/(0|[1-9]\d*)$/i.test(text) || !ipaddr.isValidCIDR(text)) return false;
  const [address, bits] = ipaddr.parseCIDR(text);
  if (address instanceof ipaddr.IPv6) {
    return (
      !address.isIPv4MappedAddress() && isSame(address, ipaddr.IPv6.networkAddressFromCIDR(text))
    );
  }
  const [written = ""] = text.split("/");
  return (
    bits <= 32 &&
    ipaddr.IPv4.isValidFourPartDecimal(written) &&
    isSame(address, ipaddr.IPv4.networkAddressFromCIDR(text))
  );
}

/** Whether a block is wider than another and contains it. */
export function isWider(outer: string, inner: string): boolean {
  const [start, bits] = ipaddr.parseCIDR(outer);
  const [innerStart, innerBits] = ipaddr.parseCIDR(inner);
  return start.kind() === innerStart.kind() && bits < innerBits && innerStart.match(start, bits);
}

function isSame(one: ipaddr.IPv4 | ipaddr.IPv6, other: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return one.toNormalizedString() === other.toNormalizedString();
}
