import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, escapeIdentifier, escapeLiteral } from "pg";

import { passwordVerifier, scramVerifier } from "../../../../components/roles/plan/scram";
import { startScratchPostgres } from "../../../../scratch/scratch-postgres";
import type { ScratchPostgres } from "../../../../scratch/scratch-postgres";

const SALT = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");

describe("scramVerifier", () => {
  it("gives the keys of the example in RFC 7677", () => {
    expect(scramVerifier("pencil", SALT)).toBe(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
  });

  it("depends only on password and salt", () => {
    const verifiers = [
      scramVerifier("pencil", SALT),
      scramVerifier("Pencil", SALT),
      scramVerifier("pencil", Buffer.alloc(16, 1)),
    ];
    expect(new Set(verifiers).size).toBe(3);
    expect(scramVerifier("pencil", new Uint8Array(SALT))).toBe(verifiers[0]);
  });

  it.each([
    ["", /empty/],
    ["pässword-x", /printable ASCII/],
    ["x\npassword-x", /printable ASCII/],
    ["password-x\0", /printable ASCII/],
  ])("rejects the password %j without showing it", (password, reason) => {
    expect(() => scramVerifier(password, SALT)).toThrow(reason);
    expect(() => scramVerifier(password, SALT)).not.toThrow(/password-x|ssword-x/);
  });
});

describe("passwordVerifier", () => {
  it("is the same in every run, and different for each role and password", () => {
    const verifier = passwordVerifier("sark_app_a", "pencil");
    expect(passwordVerifier("sark_app_a", "pencil")).toBe(verifier);
    const salts = [
      verifier,
      passwordVerifier("sark_app_b", "pencil"),
      passwordVerifier("sark_app_a", "Pencil"),
    ].map((each) => /:([^$]{24})\$/.exec(each)?.[1]);
    expect(salts).not.toContain(undefined);
    expect(new Set(salts).size).toBe(3);
  });

  it("rejects the same passwords as scramVerifier", () => {
    expect(() => passwordVerifier("sark_app_a", "pässword")).toThrow(/printable ASCII/);
  });
});

describe("SCRAM verifier on a real server", () => {
  const password = `a b'c"d\\e%f@g:h;i$j{k}~`;
  let server: ScratchPostgres;
  let admin: Client;

  beforeAll(async () => {
    server = await startScratchPostgres({ parameters: { log_statement: "ddl" } });
    admin = new Client({ connectionString: server.connectionString });
    await admin.connect();
  }, 60_000);

  afterAll(async () => {
    await admin.end();
    await server.stop();
  });

  async function createRole(name: string, secret: string): Promise<void> {
    await admin.query(
      `create role ${escapeIdentifier(name)} login password ${escapeLiteral(secret)}`,
    );
  }

  async function logIn(user: string, secret: string): Promise<string> {
    const { host, port } = server;
    const client = new Client({ host, port, database: "postgres", user, password: secret });
    await client.connect();
    try {
      const { rows } = await client.query<{ who: string }>("select current_user as who");
      return rows[0]?.who ?? "";
    } finally {
      await client.end();
    }
  }

  async function storedSecret(name: string): Promise<string> {
    const query = "select rolpassword as secret from pg_authid where rolname = $1";
    const { rows } = await admin.query<{ secret: string }>(query, [name]);
    return rows[0]?.secret ?? "";
  }

  it("is stored unchanged and accepts its password", async () => {
    const verifier = scramVerifier(password, SALT);
    await createRole("by_verifier", verifier);
    expect(await storedSecret("by_verifier")).toBe(verifier);
    expect(await logIn("by_verifier", password)).toBe("by_verifier");
  });

  it("rejects another password, and the verifier in place of the password", async () => {
    await createRole("strict", scramVerifier(password, SALT));
    await expect(logIn("strict", `${password} `)).rejects.toThrow(/authentication failed/);
    await expect(logIn("strict", scramVerifier(password, SALT))).rejects.toThrow(
      /authentication failed/,
    );
  });

  it("is the one that the server computes from the same password and salt", async () => {
    await createRole("by_password", password);
    const stored = await storedSecret("by_password");
    const salt = Buffer.from(/^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(stored)?.[1] ?? "", "base64");
    expect(scramVerifier(password, salt)).toBe(stored);
  });

  it("with a derived salt accepts its password", async () => {
    await createRole("derived", passwordVerifier("derived", password));
    expect(await logIn("derived", password)).toBe("derived");
  });

  it("keeps the password out of the server's log, unlike a password in clear text", async () => {
    await createRole("seen_in_log", "clear-in-log");
    await createRole("unseen_in_log", scramVerifier("hidden-in-log", SALT));
    const logs = join(server.folder, "log");
    const read = () =>
      readdirSync(logs)
        .map((name) => readFileSync(join(logs, name), "utf8"))
        .join("");
    // The logging collector writes the log a moment later.
    const deadline = Date.now() + 10_000;
    while (!read().includes("unseen_in_log") && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const text = read();
    expect(text).toContain("clear-in-log");
    expect(text).toContain("unseen_in_log");
    expect(text).not.toContain("hidden-in-log");
  });
});
