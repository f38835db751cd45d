import { type RelayPort, relayPorts } from "../../../../components/route/plan/relay-port-plan";
import { stackOf } from "../../homes/kubernetes/plan/kubernetes-stack";

/** Database to port, with what names it. */
function portsOf(changes: Parameters<typeof stackOf>[0]): Record<string, string> {
  const text = ({ setting, named, port }: RelayPort) =>
    `${setting.join(".")} ${named ? "names" : "leaves"} ${port ?? "any"}`;
  return Object.fromEntries(
    relayPorts(stackOf(changes)).map((each) => [each.database, text(each)]),
  );
}

const account = {
  account: "111122223333",
  region: "eu-central-1",
  sources: { eks: "sg-0123456789abcdef0" },
};

test("relays without a setting have the usual ports", () => {
  expect(portsOf({})).toEqual({
    sark: "kubernetes.ports.sark leaves 25432",
    sark_audit: "kubernetes.ports.audit leaves 25434",
  });
});

test("relay to RDS has a port of its own", () => {
  expect(portsOf({ sark: { home: "aws" }, aws: account })).toEqual({
    sark: "aws.localPort leaves 25433",
    sark_audit: "kubernetes.ports.audit leaves 25434",
  });
  expect(portsOf({ sark: { home: "aws" }, aws: { ...account, localPort: 4444 } })).toMatchObject({
    sark: "aws.localPort names 4444",
  });
});

test("databases on this machine have no relay", () => {
  const local = { home: "local", image: undefined };
  expect(portsOf({ sark: local, audit: local })).toEqual({});
});

test("usual port that a setting names for another relay is left to it", () => {
  const ports = relayPorts(stackOf({ kubernetes: { ports: { audit: 25432 } } }));
  // The named one first, so that no free port is that one.
  expect(ports.map(({ database, named, port }) => [database, named, port])).toEqual([
    ["sark_audit", true, 25432],
    ["sark", false, undefined],
  ]);
});

test("usual port that a setting names for a server on this machine is left to it", () => {
  expect(portsOf({ local: { ports: { audit: 25432 } } })).toMatchObject({
    sark: "kubernetes.ports.sark leaves any",
  });
});
