import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Server, connect, createServer } from "node:net";
import type { RelayPort } from "../../../components/route/plan/relay-port-plan";
import { formatProblems } from "../../../components/text/problem";
import { freePort } from "../../../components/homes/local/processes/ports";
import { type OpenedPorts, openRelayPorts } from "../../../components/route/relay-ports";

const strangers: Server[] = [];

afterEach(() => {
  for (const stranger of strangers.splice(0)) stranger.close();
});

const relay = (port: number | undefined, named: boolean, key = "sark"): RelayPort => ({
  database: key === "sark" ? "sark" : "sark_audit",
  setting: ["kubernetes", "ports", key],
  named,
  port,
});

/** A port that another listener holds. @param host - all addresses include the loopback one */
async function takenPort(host = "127.0.0.1"): Promise<number> {
  const port = await freePort();
  const stranger = createServer().listen(port, host);
  await once(stranger, "listening");
  strangers.push(stranger);
  return port;
}

const UP = { plan: false, refresh: false };

const sarkPort = ({ ports }: OpenedPorts) => ports.get("sark")?.port;

describe("unset relay port", () => {
  test("is the usual one when it is free", async () => {
    const port = await freePort();
    expect(sarkPort(await openRelayPorts([relay(port, false)], UP, 0))).toBe(port);
  });

  test.each(["127.0.0.1", "0.0.0.0"])(
    "is a free one when the usual one is taken at %s",
    async (host) => {
      const port = await takenPort(host);
      const held = await openRelayPorts([relay(port, false)], UP, 0);
      expect(held.problems).toEqual([]);
      expect(sarkPort(held)).not.toBe(port);
      expect(sarkPort(held)).toBeGreaterThan(1023);
    },
  );

  test("is the usual one in a plan even when taken, so that plans are reproducible", async () => {
    const port = await takenPort();
    const held = await openRelayPorts([relay(port, false)], { plan: true, refresh: false }, 0);
    expect(held.problems).toEqual([]);
    expect(sarkPort(held)).toBe(port);
  });

  test("is a problem in a refresh when the usual one is taken, because providers connect to it", async () => {
    const port = await takenPort();
    const held = await openRelayPorts([relay(port, false)], { plan: true, refresh: true }, 0);
    expect(formatProblems(held.problems)).toContain(`got ${port}`);
    expect(held.ports.size).toBe(0);
  });

  test("is any free one when another setting names the usual one", async () => {
    const held = await openRelayPorts(
      [relay(undefined, false), relay(undefined, false, "audit")],
      UP,
    );
    const ports = [...held.ports.values()].map(({ port }) => port);
    expect(new Set(ports).size).toBe(2);
  });
});

describe("configured relay port", () => {
  test("is a problem when taken, with key, holding process and remedy", async () => {
    const port = await takenPort();
    const { problems, ports } = await openRelayPorts([relay(port, true)], UP, 0);
    expect(formatProblems(problems)).toBe(
      `sark-databases:kubernetes.ports.sark: got ${port}; allowed: a port that is free on this machine, or unset, ` +
        `for a free port; process ${process.pid} (node) is listening on it, and this program needs it to reach sark; ` +
        "end that process, or wait if it is another run of this program",
    );
    expect(ports.size).toBe(0);
  });

  test("is reported with all other taken ports, and free ones are released", async () => {
    const wanted = [
      relay(await takenPort(), true),
      relay(await takenPort("0.0.0.0"), true, "audit"),
    ];
    const usual = await freePort();
    const { problems } = await openRelayPorts([...wanted, relay(usual, false)], UP, 0);
    expect(problems.map(({ key }) => key)).toEqual([
      "sark-databases:kubernetes.ports.sark",
      "sark-databases:kubernetes.ports.audit",
    ]);
    const visitor = connect(usual, "127.0.0.1");
    const [error] = (await once(visitor, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });

  test("is waited for while another run releases it", async () => {
    const port = await freePort();
    const program = `require("node:net").createServer().listen(${port}, "127.0.0.1", () => console.log("on"));
      process.stdin.once("data", () => process.exit());`;
    const other = spawn(process.execPath, ["-e", program], { stdio: ["pipe", "pipe", "inherit"] });
    await once(other.stdout, "data");
    const held = openRelayPorts([relay(port, true)], UP, 30_000);
    other.stdin.write("end");
    expect(sarkPort(await held)).toBe(port);
  });

  test("is available again to the next run in the same process", async () => {
    const port = await freePort();
    expect(sarkPort(await openRelayPorts([relay(port, true)], UP, 0))).toBe(port);
    const again = await openRelayPorts([relay(port, true)], UP, 0);
    expect(again.problems).toEqual([]);
    expect(sarkPort(again)).toBe(port);
  });
});
