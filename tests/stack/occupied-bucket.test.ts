/** Previews of a stack whose bucket holds an archive, with a simulated Kubernetes API and object store. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateAuthority } from "../components/route/support/relay-certificates";
import { FakeKubernetes, failure } from "../components/route/support/fake-kubernetes";
import { FakeStorage } from "../support/fake-storage";
import { type CommandResult, StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(240_000);

const SECRET = "a-secret-key-that-nobody-sees";
const CLUSTERS = "/apis/postgresql.cnpg.io/v1/namespaces/sark-databases/clusters";
const SEGMENT = "sark/wals/0000000100000000/000000010000000000000001.zst";

let authority: CertificateAuthority;
let kubernetes: FakeKubernetes;
let storage: FakeStorage;
let stack: StackCopy;

beforeAll(async () => {
  authority = new CertificateAuthority("storage");
  storage = await FakeStorage.start(authority.issue(["IP:127.0.0.1"]));
  kubernetes = await FakeKubernetes.start();
  // The program trusts the CA by a file, which is part of the copy.
  const environment: NodeJS.ProcessEnv = { KUBECONFIG: kubernetes.kubeconfig };
  stack = await StackCopy.make(environment);
  environment["NODE_EXTRA_CA_CERTS"] = join(stack.folder, "authority.pem");
  writeFileSync(join(stack.folder, "authority.pem"), authority.pem);
});

beforeEach(() => {
  storage.reset();
  kubernetes.reset();
  for (const name of ["sark", "sark-audit", "sark-g2"]) {
    const missing = `clusters.postgresql.cnpg.io "${name}" not found`;
    kubernetes.on(`${CLUSTERS}/${name}`, failure(404, missing));
  }
  configure({});
});

afterAll(async () => {
  await stack.remove();
  await kubernetes.stop();
  await storage.stop();
  authority.remove();
});

/** @param sark - further settings of that database */
function configure(sark: object, access = "keys"): void {
  stack.configure((config) => {
    config["sark-databases:sark"] = { home: "kubernetes", instances: 1, ...sark };
    config["sark-databases:backups"] = {
      bucket: {
        path: "s3://sark-backups/dev/",
        endpoint: storage.endpoint,
        retentionDays: 30,
        access,
        ...(access === "role" ? { role: "backups" } : {}),
      },
    };
    config["sark-databases:backupAccessKeyId"] = "an-id";
    config["sark-databases:backupSecretAccessKey"] = SECRET;
  }, "dev");
}

async function preview(): Promise<CommandResult> {
  const result = await stack.run("preview", "--stack", "dev", "--engine", "embedded");
  expect(result.stdout + result.stderr).not.toContain(SECRET);
  return result;
}

/** No problem, and the requests to the object store. */
async function accepted(): Promise<readonly string[]> {
  const { code, stdout } = await preview();
  expect(code).toBe(0);
  expect(stdout).toContain("sark-cluster");
  return storage.requests;
}

it("a preview refuses a bucket with another cluster's archive, before it plans anything", async () => {
  storage.objects.add(`sark-backups/dev/${SEGMENT}`);
  const { code, stdout, stderr } = await preview();
  expect(code).toBe(1);
  expect(stderr).toContain("the settings of stack dev are invalid; nothing was changed:");
  expect(stderr).toContain(
    "sark-databases:backups.bucket.path: got s3://sark-backups/dev/; allowed: a bucket or folder without an archive " +
      "in sark/; s3://sark-backups/dev/sark holds the archive of another cluster (dev/" +
      `${SEGMENT}), and a new cluster archives into an empty folder only; name another folder, recover from the ` +
      "archive, or delete it if nobody needs it",
  );
  expect(stderr).not.toContain("archive in sark-audit/");
  expect(stdout).not.toContain("sark-cluster");
});

it("a preview accepts an empty bucket, one with archives in other folders, and dumps", async () => {
  storage.objects.add(`sark-backups/${SEGMENT}`);
  storage.objects.add(`sark-backups/dev/other/${SEGMENT}`);
  storage.objects.add("sark-backups/dev/dumps/sark/monday.dump");
  const asked = await accepted();
  expect(asked).toHaveLength(2);
  expect(asked.join(" ")).toContain("prefix=dev%2Fsark%2Fwals%2F");
  expect(storage.authorizations[0]).toMatch(
    /^AWS4-HMAC-SHA256 Credential=an-id\/\d{8}\/[a-z0-9-]+\/s3\/aws4_request, .*Signature=[0-9a-f]{64}$/,
  );
});

it("a preview accepts the archive of an existing cluster", async () => {
  storage.objects.add(`sark-backups/dev/${SEGMENT}`);
  kubernetes.on(`${CLUSTERS}/sark`, { status: 200, body: { metadata: { name: "sark" } } });
  await accepted();
});

it("a preview checks the folder that a recovered cluster writes to, not its source's folder", async () => {
  storage.objects.add(`sark-backups/dev/${SEGMENT}`);
  configure({ recovery: { generation: 2 } });
  await accepted();
  storage.objects.add(`sark-backups/dev/${SEGMENT.replace("sark", "sark-g2")}`);
  expect((await preview()).stderr).toContain(
    "allowed: a bucket or folder without an archive in sark-g2/",
  );
});

it("a preview succeeds if the object store or the Kubernetes API does not answer", async () => {
  storage.objects.add(`sark-backups/dev/${SEGMENT}`);
  storage.status = 403;
  expect(await accepted()).toHaveLength(2);
  storage.reset();
  storage.objects.add(`sark-backups/dev/${SEGMENT}`);
  for (const name of ["sark", "sark-audit"])
    kubernetes.on(`${CLUSTERS}/${name}`, failure(503, "away"));
  expect(await accepted()).toEqual([]);
});

it("a preview sends no request without the keys of the object store", async () => {
  storage.objects.add(`sark-backups/dev/${SEGMENT}`);
  configure({}, "role");
  expect(await accepted()).toEqual([]);
  expect(kubernetes.requests).toEqual([]);
});
