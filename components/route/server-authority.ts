import { rdsAuthorities } from "../homes/aws/database/plan/rds-authorities";
import type { ClusterApi } from "./cluster-api";
import { RouteError } from "./route-error";
import { type Target, isRds } from "./plan/targets";

/** Milliseconds for which a CA is cached; usually one run of the program. */
const CACHE_TIME = 60_000;
const CA_KEY = "ca.crt";

/**
 * Loads the CA certificates (PEM) that verify a server.
 * @param api - cluster of the target, or through which it is reached
 * @returns a cached loader, shared by concurrent sessions; `anew` reloads, since CAs are replaced
 *   before they expire
 */
export function createAuthorityLoader(
  target: Target,
  api: () => Promise<ClusterApi>,
): (anew?: boolean) => Promise<string> {
  // Amazon's CAs are bundled with the program: nothing to reload.
  if (isRds(target)) return () => Promise.resolve(rdsAuthorities(target.authority.rds));
  const { namespace, authority: secret } = target;
  const read = async (): Promise<string> => {
    const content = (await (await api()).secret(namespace, secret)).get(CA_KEY)?.toString("utf8");
    if (content?.includes("BEGIN CERTIFICATE") === true) return content;
    throw new RouteError(
      `secret ${secret} of namespace ${namespace} has no certificate under ${CA_KEY}; ` +
        "the operator writes it when it creates the cluster",
      true,
    );
  };
  let known: { readonly pem: Promise<string>; readonly since: number } | undefined;
  return (anew = false) => {
    if (!anew && known !== undefined && Date.now() - known.since < CACHE_TIME) return known.pem;
    const entry = { pem: read(), since: Date.now() };
    known = entry;
    entry.pem.catch(() => {
      if (known === entry) known = undefined;
    });
    return entry.pem;
  };
}
