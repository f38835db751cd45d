/** Test certificate authorities and certificates, made by openssl, and folders like the kubelet's mounts. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serviceUser } from "../components/homes/local/processes/service-user";

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface TestAuthority {
  readonly certificate: string;
  /** A new key and a certificate for these names, such as `DNS:localhost`. */
  readonly sign: (...names: readonly string[]) => KeyPair;
}

/** Creates a new certificate authority. */
export function makeAuthority(name: string): TestAuthority {
  return inFolder((folder) => {
    const { certificate, key } = issue(folder, ["-x509", "-subj", `/CN=${name}`]);
    return { certificate, sign: (...names) => sign(certificate, key, names) };
  });
}

function sign(certificate: string, key: string, names: readonly string[]): KeyPair {
  return inFolder((folder) => {
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const extension = `subjectAltName=${names.join(",")}`;
    const signer = ["-CA", file("ca.crt", certificate), "-CAkey", file("ca.key", key)];
    const request = issue(folder, ["-subj", "/CN=test"], "request");
    const signed = execFileSync(
      "openssl",
      ["x509", "-req", "-in", join(folder, "request.crt"), ...signer, "-CAcreateserial"].concat([
        "-days",
        "2",
        "-extfile",
        file("extensions", extension),
      ]),
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    return { certificate: signed, key: request.key };
  });
}

function issue(folder: string, options: readonly string[], name = "new"): KeyPair {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const days = options.includes("-x509") ? ["-days", "2"] : [];
  execFileSync(
    "openssl",
    ["req", "-new", ...curve, "-keyout", key, "-out", certificate, ...days, ...options],
    { stdio: "ignore" },
  );
  return { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "certificates-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let mounts = 0;

/**
 * Mounts files like the kubelet: in a new folder, to which the link `..data` then switches atomically. A repeated call
 * replaces the files. Only the servers' user can read them.
 */
export function mount(folder: string, files: Readonly<Record<string, string>>): void {
  const user = serviceUser();
  const own = (path: string) => {
    if (user) chownSync(path, user.uid, user.gid);
  };
  const version = `..${++mounts}`;
  mkdirSync(join(folder, version), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, version, name);
    writeFileSync(path, text);
    chmodSync(path, 0o600);
    own(path);
  }
  const before = readdirSync(folder).filter((each) => each.startsWith("..") && each !== version);
  symlinkSync(version, join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  for (const name of readdirSync(folder)) {
    if (!name.startsWith("..") && !(name in files)) rmSync(join(folder, name));
  }
  for (const name of Object.keys(files)) {
    if (!readdirSync(folder).includes(name)) symlinkSync(join("..data", name), join(folder, name));
  }
  for (const old of before.filter((each) => each !== "..data")) {
    rmSync(join(folder, old), { recursive: true });
  }
}
