import { readFileSync } from "node:fs";
import type { ClientConfig } from "pg";
import { connectClient } from "../../../components/connections/connect";
import { HOST } from "../../../components/homes/local/processes/ports";
import {
  FakePostgres,
  type FakeTls,
  LOGIN_BEHAVIOURS,
  type LoginBehaviour,
  md5Answer,
  countProofs,
} from "../../support/fake-postgres";
import { type ScratchPostgres, startScratchPostgres } from "../../../scratch/scratch-postgres";
import { CertificateAuthority } from "../route/support/relay-certificates";

const USER = "sark_admin";
const PASSWORD = "the-password";

const authority = new CertificateAuthority("authority");
const certificate = authority.issue([`IP:${HOST}`, "DNS:localhost"]);
const shown = tlsOf([`IP:${HOST}`, "DNS:localhost"]);

function tlsOf(names: readonly string[]): FakeTls {
  const { cert, key } = authority.issue(names);
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

let fake: FakePostgres | undefined;
let server: ScratchPostgres;
beforeAll(async () => {
  const tls = { ssl: "on", ssl_cert_file: certificate.cert, ssl_key_file: certificate.key };
  server = await startScratchPostgres({ parameters: tls });
});
afterEach(() => fake?.stop());
afterAll(async () => {
  await server.stop();
  authority.remove();
});

async function refusal(config: ClientConfig): Promise<string> {
  const login = { host: HOST, user: USER, password: PASSWORD, database: "sark" };
  const attempt = connectClient({ ...login, connectionTimeoutMillis: 1000, ...config });
  const end = await attempt.then(
    () => "connected",
    (error: unknown) => String(error),
  );
  expect(end).not.toContain(PASSWORD);
  return end;
}

const names = Object.keys(LOGIN_BEHAVIOURS) as LoginBehaviour[];
/** In these cases the client has answered the challenge before the server can be recognised. */
const AFTER_ANSWER: readonly LoginBehaviour[] = [
  "no proof",
  "wrong proof",
  "cleartext after the proof",
];

describe.each([
  ["without TLS", undefined],
  ["in verified TLS", shown],
])("connectClient to a foreign process on the server's port, %s", (_, tls) => {
  it.each(names)("sends no password: %s", async (name) => {
    fake = await FakePostgres.start(name, tls === undefined ? {} : { tls });
    const { port } = fake;
    const end = await refusal({ port, ssl: tls === undefined ? false : { ca: authority.pem } });
    expect(end).toMatch(LOGIN_BEHAVIOURS[name].told);
    expect(fake.heard).toContain(USER);
    expect(fake.heard).not.toContain(PASSWORD);
    expect(fake.heard).not.toContain(md5Answer(USER, PASSWORD));
    // Only a SCRAM proof, which needs the salt and 4,096 rounds.
    expect(countProofs(fake)).toBe(AFTER_ANSWER.includes(name) ? 1 : 0);
    // No statement was sent.
    expect(fake.answers.filter((answer) => !/^[pX] /.test(answer))).toEqual([]);
  });
});

it("connectClient names the address, the requirement and the remedy", async () => {
  fake = await FakePostgres.start("cleartext");
  expect(await refusal({ port: fake.port })).toBe(
    `error: the server at 127.0.0.1:${fake.port} asked for the password in clear text; SCRAM-SHA-256 is required. ` +
      "It may not be this stack's server, so no password was sent. Find the process that listens there; " +
      "if the server is yours, set scram-sha-256 in its pg_hba.conf",
  );
});

it("connectClient does not even send the user name to a server without TLS when TLS is required", async () => {
  fake = await FakePostgres.start("cleartext");
  expect(await refusal({ port: fake.port, ssl: { ca: authority.pem } })).toMatch(
    /the server offers no TLS/,
  );
  expect(fake.heard).not.toContain(USER);
});

it.each([
  ["an unknown CA", undefined, shown],
  ["another name", authority.pem, tlsOf(["DNS:other"])],
])(
  "connectClient does not even send the user name to a server with a certificate of %s",
  async (_, ca, tls) => {
    fake = await FakePostgres.start("cleartext", { tls });
    expect(await refusal({ port: fake.port, ssl: ca === undefined ? true : { ca } })).toMatch(
      /identity as 127\.0\.0\.1/,
    );
    expect(fake.heard).not.toContain(USER);
  },
);

describe("connectClient to the stack's server", () => {
  const login = () => ({
    host: HOST,
    port: server.port,
    user: server.user,
    password: server.password,
    database: "postgres",
  });

  it.each([
    ["without TLS", {}],
    ["over TLS to an address", { ssl: { ca: authority.pem } }],
    ["over TLS to a name", { host: "localhost", ssl: { ca: authority.pem } }],
    ["over unverified TLS", { ssl: { rejectUnauthorized: false } }],
  ])("connects %s", async (_, config) => {
    const client = await connectClient({ ...login(), ...config });
    const { rows } = await client.query<{ tls: boolean; text: string }>(
      "select ssl as tls, repeat('x', 3000000) as text from pg_stat_ssl where pid = pg_backend_pid()",
    );
    await client.end();
    expect(rows[0]?.tls).toBe("ssl" in config);
    expect(rows[0]?.text).toHaveLength(3_000_000);
  });

  it("connects by its Unix socket", async () => {
    const client = await connectClient({ ...login(), host: server.folder });
    const { rows } = await client.query("select inet_server_addr() as address");
    await client.end();
    expect(rows).toEqual([{ address: null }]);
  });

  it("reports a wrong password with the server's own error", async () => {
    await expect(connectClient({ ...login(), password: "wrong" })).rejects.toMatchObject({
      code: "28P01",
    });
  });

  it("survives a session terminated by the server", async () => {
    const client = await connectClient(login());
    await expect(client.query("select pg_terminate_backend(pg_backend_pid())")).rejects.toThrow(
      /terminating connection/,
    );
    await client.end();
  });
});

describe("connectClient while this process is busy", () => {
  const login = () => ({
    host: HOST,
    port: server.port,
    user: "postgres",
    password: server.password,
    database: "postgres",
    connectionTimeoutMillis: 200,
  });
  const work = (milliseconds: number): void => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  };

  it("retries a connection that timed out", async () => {
    const connecting = connectClient(login());
    work(600);
    const client = await connecting;
    await client.end();
  });

  it("retries when the work began after the connection", async () => {
    const connecting = connectClient(login());
    setImmediate(() => {
      work(600);
    });
    const client = await connecting;
    await client.end();
  });

  it("gives up when this process was not busy during the retry", async () => {
    fake = await FakePostgres.start("silence");
    const connecting = connectClient({ ...login(), port: fake.port });
    work(600);
    await expect(connecting).rejects.toThrow(
      `${HOST}:${String(fake.port)} accepts connections and answered nothing for 0.2 s`,
    );
  });
});
