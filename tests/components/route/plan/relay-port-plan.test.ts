import { type RelayPort, relayPorts } from "../../../../components/route/plan/relay-port-plan";
import { stackOf } from "../../homes/kubernetes/plan/kubernetes-stack";

/** Relay ports by database, in words: setting, whether it is set, and port. */
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

test("relay ports default to the usual ports", () => {
  expect(portsOf({})).toEqual({
    sark: "kubernetes.ports.sark leaves 25432",
    sark_audit: "kubernetes.ports.audit leaves 25434",
  });
});

test("relay port of RDS has its own setting", () => {
  expect(portsOf({ sark: { home: "aws" }, aws: account })).toEqual({
    sark: "aws.localPort leaves 25433",
    sark_audit: "kubernetes.ports.audit leaves 25434",
  });
  expect(portsOf({ sark: { home: "aws" }, aws: { ...account, localPort: 4444 } })).toMatchObject({
    sark: "aws.localPort names 4444",
  });
});

test("local databases have no relay", () => {
  const local = { home: "local", image: undefined };
  expect(portsOf({ sark: local, audit: local })).toEqual({});
});

test("usual relay port is not used when a setting names it for another relay", () => {
  const ports = relayPorts(stackOf({ kubernetes: { ports: { audit: 25432 } } }));
  // The configured port comes first, so that it is not taken as a free port.
  expect(ports.map(({ database, named, port }) => [database, named, port])).toEqual([
    ["sark_audit", true, 25432],
    ["sark", false, undefined],
  ]);
});

test("usual relay port is not used when a setting names it for a local server", () => {
  expect(portsOf({ local: { ports: { audit: 25432 } } })).toMatchObject({
    sark: "kubernetes.ports.sark leaves any",
  });
});
