import { rdsAuthorities } from "../homes/aws/database/plan/rds-authorities";
import type { ClusterApi } from "./cluster-api";
import { RouteError } from "./route-error";
import { type Target, isRds } from "./plan/targets";

/** Milliseconds for which an authority that was read is believed; one run of the program, mostly. */
const KEEP = 60_000;
const KEY = "ca.crt";

/** What a server's certificate is verified by. */
export interface Authority {
  /** PEM; read once for sessions that begin together. */
  get(): Promise<string>;
  /** Reads it anew: authorities are replaced before they expire. */
  renew(): Promise<string>;
}

/** @param api - the cluster that the target is in, or is reached through */
export function authorityOf(target: Target, api: () => Promise<ClusterApi>): Authority {
  return isRds(target)
    ? new RdsAuthority(target.authority.rds)
    : new SecretAuthority(api, target.namespace, target.authority);
}

/** Amazon's authorities come with the program: there is nothing newer to read. */
class RdsAuthority implements Authority {
  constructor(private readonly regions: readonly string[]) {}

  get(): Promise<string> {
    return Promise.resolve(rdsAuthorities(this.regions));
  }

  renew(): Promise<string> {
    return this.get();
  }
}

/** The authority of a database cluster's certificates, as a secret of the cluster holds it. */
class SecretAuthority implements Authority {
  readonly #read: () => Promise<ReadonlyMap<string, Buffer>>;
  readonly #secret: string;
  #known: { readonly pem: Promise<string>; readonly since: number } | undefined;

  constructor(api: () => Promise<ClusterApi>, namespace: string, secret: string) {
    this.#read = async () => (await api()).secret(namespace, secret);
    this.#secret = `${secret} of namespace ${namespace}`;
  }

  get(): Promise<string> {
    const known = this.#known;
    if (known !== undefined && Date.now() - known.since < KEEP) return known.pem;
    return this.renew();
  }

  renew(): Promise<string> {
    const entry = { pem: this.#pem(), since: Date.now() };
    this.#known = entry;
    entry.pem.catch(() => {
      if (this.#known === entry) this.#known = undefined;
    });
    return entry.pem;
  }

  async #pem(): Promise<string> {
    const content = (await this.#read()).get(KEY)?.toString("utf8") ?? "";
    if (content.includes("BEGIN CERTIFICATE")) return content;
    throw new RouteError(
      `secret ${this.#secret} has no certificate under ${KEY}: the operator writes it when it makes the cluster`,
      true,
    );
  }
}
