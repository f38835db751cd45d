import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Server, connect, createServer } from "node:net";
import type { RelayPort } from "../../../components/route/plan/relay-port-plan";
import { formatProblems } from "../../../components/text/problem";
import { freePort } from "../../../components/homes/local/processes/ports";
import { type HeldPorts, holdRelayPorts } from "../../../components/route/relay-ports";

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

/** A port on which somebody else listens. @param host - all addresses include the loopback one */
async function takenPort(host = "127.0.0.1"): Promise<number> {
  const port = await freePort();
  const stranger = createServer().listen(port, host);
  await once(stranger, "listening");
  strangers.push(stranger);
  return port;
}

const UP = { plan: false, refresh: false };

const sarkPort = ({ ports }: HeldPorts) => ports.get("sark")?.port;

describe("port that no setting names", () => {
  test("is the usual one when that is free", async () => {
    const port = await freePort();
    expect(sarkPort(await holdRelayPorts([relay(port, false)], UP, 0))).toBe(port);
  });

  test.each(["127.0.0.1", "0.0.0.0"])(
    "is a free one when the usual one is taken at %s",
    async (host) => {
      const port = await takenPort(host);
      const held = await holdRelayPorts([relay(port, false)], UP, 0);
      expect(held.problems).toEqual([]);
      expect(sarkPort(held)).not.toBe(port);
      expect(sarkPort(held)).toBeGreaterThan(1023);
    },
  );

  test("is in a plan the usual one also when another run has it, so that the plan is the same", async () => {
    const port = await takenPort();
    const held = await holdRelayPorts([relay(port, false)], { plan: true, refresh: false }, 0);
    expect(held.problems).toEqual([]);
    expect(sarkPort(held)).toBe(port);
  });

  test("is refused in a refresh when the usual one is taken, since providers connect to it", async () => {
    const port = await takenPort();
    const held = await holdRelayPorts([relay(port, false)], { plan: true, refresh: true }, 0);
    expect(formatProblems(held.problems)).toContain(`got ${port}`);
    expect(held.ports.size).toBe(0);
  });

  test("is any free one when a setting gives the usual one away", async () => {
    const held = await holdRelayPorts(
      [relay(undefined, false), relay(undefined, false, "audit")],
      UP,
    );
    const ports = [...held.ports.values()].map(({ port }) => port);
    expect(new Set(ports).size).toBe(2);
  });
});

describe("port that a setting names", () => {
  test("is refused with its key, who holds it and what to do", async () => {
    const port = await takenPort();
    const { problems, ports } = await holdRelayPorts([relay(port, true)], UP, 0);
    expect(formatProblems(problems)).toBe(
      `sark-databases:kubernetes.ports.sark: got ${port}; allowed: a port that is free on this machine, or nothing: ` +
        `then the program finds one; process ${process.pid} (node) listens on it, and the program reaches sark ` +
        "through it; end that process, or wait for it if it is another run of this program",
    );
    expect(ports.size).toBe(0);
  });

  test("is refused together with the other one, and a third port is let go", async () => {
    const wanted = [
      relay(await takenPort(), true),
      relay(await takenPort("0.0.0.0"), true, "audit"),
    ];
    const usual = await freePort();
    const { problems } = await holdRelayPorts([...wanted, relay(usual, false)], UP, 0);
    expect(problems.map(({ key }) => key)).toEqual([
      "sark-databases:kubernetes.ports.sark",
      "sark-databases:kubernetes.ports.audit",
    ]);
    const visitor = connect(usual, "127.0.0.1");
    const [error] = (await once(visitor, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });

  test("is waited for while another run lets go of it", async () => {
    const port = await freePort();
    const program = `require("node:net").createServer().listen(${port}, "127.0.0.1", () => console.log("on"));
      process.stdin.once("data", () => process.exit());`;
    const other = spawn(process.execPath, ["-e", program], { stdio: ["pipe", "pipe", "inherit"] });
    await once(other.stdout, "data");
    const held = holdRelayPorts([relay(port, true)], UP, 30_000);
    other.stdin.write("end");
    expect(sarkPort(await held)).toBe(port);
  });

  test("is had again by the next run in the same process", async () => {
    const port = await freePort();
    expect(sarkPort(await holdRelayPorts([relay(port, true)], UP, 0))).toBe(port);
    const again = await holdRelayPorts([relay(port, true)], UP, 0);
    expect(again.problems).toEqual([]);
    expect(sarkPort(again)).toBe(port);
  });
});
