/** Clients of the relay answer any authentication request, as the Pulumi provider's driver does. */
import { readFileSync } from "node:fs";
import {
  FakePostgres,
  LOGIN_BEHAVIOURS,
  type LoginBehaviour,
  md5Answer,
} from "../../support/fake-postgres";
import { RelayClients } from "./support/client";
import { RoutedPostgres, TARGET } from "./support/routed-postgres";

jest.mock("../../../components/route/client-library", () =>
  jest.requireActual<object>("./support/bundled-client-library"),
);

let routed: RoutedPostgres;
beforeAll(async () => {
  routed = await RoutedPostgres.start();
  process.env["KUBECONFIG"] = routed.kubernetes.kubeconfig;
}, 60_000);
afterAll(async () => {
  delete process.env["KUBECONFIG"];
  await routed.stop();
});

const MANNER_NAMES = [
  "cleartext",
  "md5",
  "trust",
  "gss",
  "few iterations",
  "no proof",
  "cleartext after the offer",
  "http",
] as const satisfies readonly LoginBehaviour[];

it.each(MANNER_NAMES)(
  "relay withholds any authentication request other than SCRAM from the client: %s",
  async (name) => {
    const { cert, key } = routed.certificate;
    const tls = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
    const fake = await FakePostgres.start(name, { tls });
    const route = { kind: "tunnel", host: "127.0.0.1", port: fake.port } as const;
    const clients = await RelayClients.open(routed, { ...TARGET, route });
    try {
      const refusal = await clients.refusal();
      expect(refusal?.code).toBe("08006");
      expect(refusal?.message).toMatch(LOGIN_BEHAVIOURS[name].told);
      const { user, password } = routed.postgres;
      expect(fake.heard).toContain(user);
      expect(fake.heard).not.toContain(password);
      expect(fake.heard).not.toContain(md5Answer(user, password));
    } finally {
      await clients.relay.close();
      await fake.stop();
    }
  },
);
