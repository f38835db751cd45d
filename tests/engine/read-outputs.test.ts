import { parseIntoClientConfig } from "pg-connection-string";
import { connectionUrl } from "../../engine/read-outputs";

const login = { purpose: "sark", user: "sark@a", password: "p:/@?#%w", database: "sark" };

const url = (host: string): string =>
  connectionUrl(login as never, { host, port: 5433, sslMode: "disable", relay: undefined });

describe("a connection URL", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["db.example.com", "db.example.com"],
    ["::1", "[::1]"],
    ["2001:db8::5", "[2001:db8::5]"],
    ["fe80::1%eth0", "[fe80::1%25eth0]"],
    ["/run/postgresql", "%2Frun%2Fpostgresql"],
  ])("escapes the host %s", (host, written) => {
    expect(url(host)).toBe(
      `postgresql://sark%40a:p%3A%2F%40%3F%23%25w@${written}:5433/sark?sslmode=disable`,
    );
  });

  it.each(["127.0.0.1", "db.example.com", "/run/postgresql"])(
    "connects the driver to %s as its login",
    (host) => {
      const { user, password, database } = login;
      const read = parseIntoClientConfig(url(host));
      expect(read).toMatchObject({ host, port: 5433, user, password, database });
    },
  );
});
