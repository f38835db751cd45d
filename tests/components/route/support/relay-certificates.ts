import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serviceUser } from "../../../../components/homes/local/processes/service-user";

/** Files of a certificate and its key, readable by the servers' user. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A CA made with openssl, and its certificates, in one temporary folder. */
export class CertificateAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), "sark-authority-"));
  #issued = 0;

  constructor(name: string) {
    chmodSync(this.#folder, 0o755);
    openssl(
      ...["req", "-x509", ...KEY, "-nodes", "-days", "30", "-subj", `/CN=${name}`],
      ...["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign"],
      ...["-keyout", this.#file("ca.key"), "-out", this.#file("ca.crt")],
    );
  }

  get pem(): string {
    return readFileSync(this.#file("ca.crt"), "utf8");
  }

  /**
   * @param names - in openssl's notation: `DNS:name`, `IP:127.0.0.1`
   * @param days - validity; negative for an expired certificate
   */
  issue(names: readonly string[], days = 30): Certificate {
    const base = `server-${(this.#issued += 1)}`;
    const [cert, key] = [this.#file(`${base}.crt`), this.#file(`${base}.key`)];
    const [request, extensions] = [this.#file(`${base}.csr`), this.#file(`${base}.ext`)];
    openssl("req", ...KEY, "-nodes", "-subj", "/CN=server", "-keyout", key, "-out", request);
    writeFileSync(extensions, `subjectAltName=${names.join(",")}\n`);
    openssl(
      ...["x509", "-req", "-in", request, "-days", String(days), "-extfile", extensions],
      ...["-CA", this.#file("ca.crt"), "-CAkey", this.#file("ca.key"), "-CAcreateserial"],
      ...["-out", cert],
    );
    const user = serviceUser();
    if (user !== undefined) chownSync(key, user.uid, user.gid);
    chmodSync(key, 0o600);
    return { cert, key };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
}
