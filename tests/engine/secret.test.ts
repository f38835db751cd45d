import { UserError } from "../../engine/engine";
import { runSecret, type SecretRequest } from "../../engine/secret";
import { FakeEngine, OUTPUTS, PASSWORD, fakeTerminal, planOf } from "./support/fakes";

async function secret(
  request: Partial<SecretRequest>,
  { json = false, outputs = OUTPUTS }: { readonly json?: boolean; readonly outputs?: object } = {},
): Promise<string> {
  const { terminal, out } = fakeTerminal({ json });
  const engine = new FakeEngine(planOf(), { outputs });
  const all = { login: undefined, url: false, pool: false, ...request };
  expect(await runSecret(all, engine, { root: "/project", stack: "local" }, terminal)).toBe(0);
  return out();
}

describe("secret", () => {
  it("prints one password and nothing else", async () => {
    expect(await secret({ login: "sark_app" })).toBe(`${PASSWORD}\n`);
  });

  it("without a name lists the logins, and shows no password", async () => {
    const text = await secret({});
    expect(text).toBe(
      "sark_app        user sark_app_a, database sark\n" +
        "sark_audit_app  user sark_audit_app_a, database sark_audit\n",
    );
  });

  it("prints a URL that means the same login, whatever is in the password", async () => {
    const url = new URL((await secret({ login: "sark_app", url: true })).trim());
    expect(decodeURIComponent(url.password)).toBe(PASSWORD);
    expect(url.href).toBe(
      "postgresql://sark_app_a:p%40ss%20w%2Frd@127.0.0.1:15432/sark?sslmode=disable",
    );
  });

  it("prints a URL through the pool", async () => {
    const url = await secret({ login: "sark_app", url: true, pool: true });
    expect(url).toContain("@127.0.0.1:16432/sark");
  });

  it("refuses a pool that does not serve the database, naming what it serves", async () => {
    const request = { login: "sark_audit_app", url: true, pool: true };
    await expect(secret(request)).rejects.toThrow(/does not serve sark_audit, but sark/);
  });

  it("refuses an unknown login, naming those that there are", async () => {
    await expect(secret({ login: "root" })).rejects.toThrow(/"root".*sark_app, sark_audit_app/);
  });

  it("says what to do when the stack is not up", async () => {
    await expect(secret({}, { outputs: {} })).rejects.toThrow(UserError);
    await expect(secret({}, { outputs: {} })).rejects.toThrow(/not up.*Run npm run up/);
  });

  it("--json prints one document", async () => {
    const text = await secret({ login: "sark_app" }, { json: true });
    expect(JSON.parse(text)).toEqual({
      login: "sark_app",
      user: "sark_app_a",
      database: "sark",
      password: PASSWORD,
    });
  });
});
