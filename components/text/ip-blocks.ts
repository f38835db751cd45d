import ipaddr from "ipaddr.js";

/** CIDR blocks of IPv4 and IPv6. */

/**
 * Whether a CIDR block is in the notation that Kubernetes accepts: four decimal numbers or an IPv6 address, and the
 * first address of the block. Some parsers read a leading zero as octal, and disagree on IPv4 addresses inside IPv6.
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

/** Whether a block contains another, smaller one. */
export function isWider(outer: string, inner: string): boolean {
  const [start, bits] = ipaddr.parseCIDR(outer);
  const [innerStart, innerBits] = ipaddr.parseCIDR(inner);
  return start.kind() === innerStart.kind() && bits < innerBits && innerStart.match(start, bits);
}

function isSame(one: ipaddr.IPv4 | ipaddr.IPv6, other: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return one.toNormalizedString() === other.toNormalizedString();
}
