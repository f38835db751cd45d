/** Certificates for a scratch server: an authority and a leaf, such as CloudNativePG makes (ECDSA on P-256). */
import { spawnSync } from "node:child_process";
import { chownSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serviceUser } from "../../components/homes/local/processes/service-user";
import { temporaryFolder } from "../../scratch/scratch-postgres";

export interface ServerCertificate {
  readonly folder: string;
  /** The authority's certificate. */
  readonly authority: string;
  /** Parameters of a PostgreSQL server with this certificate. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Makes a certificate for one name, in a folder that the user of the server owns. Needs the program openssl. */
export function serverCertificate(host: string): ServerCertificate {
  const folder = temporaryFolder("sark-certificate-");
  const at = (name: string) => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const request = ["req", "-x509", ...key, "-days", "2", "-subj", "/CN=test authority"];
  openssl([...request, "-keyout", at("ca.key"), "-out", at("ca.crt")]);
  openssl(["req", ...key, "-subj", `/CN=${host}`, "-keyout", at("tls.key"), "-out", at("tls.csr")]);
  writeFileSync(at("names"), `subjectAltName=DNS:${host}\n`);
  const signed = [
    "x509",
    "-req",
    "-in",
    at("tls.csr"),
    "-CA",
    at("ca.crt"),
    "-CAkey",
    at("ca.key"),
  ];
  openssl([
    ...signed,
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    at("names"),
    "-out",
    at("tls.crt"),
  ]);
  const user = serviceUser();
  if (user) {
    for (const name of ["tls.key", "tls.crt"]) chownSync(at(name), user.uid, user.gid);
  }
  return {
    folder,
    authority: readFileSync(at("ca.crt"), "utf8"),
    parameters: { ssl: "on", ssl_cert_file: at("tls.crt"), ssl_key_file: at("tls.key") },
  };
}

function openssl(args: readonly string[]): void {
  const { status, stderr, error } = spawnSync("openssl", [...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${error?.message ?? stderr}`);
}
