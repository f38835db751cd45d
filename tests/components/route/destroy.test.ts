import * as pulumi from "@pulumi/pulumi";
import { DatabaseLayer } from "../../../components/database-layer/database-layer";
import { Homes } from "../../../components/homes/homes";
import type { RelayOptions } from "../../../components/route/open-relay";
import type { Registration } from "../../../engine/embedded/registration";
import { shortName } from "../../../engine/names";
import { plannedBy } from "../../support/kubernetes-plan";
import { kubernetesStack } from "../../support/registered";

jest.mock("../../../components/route/open-relay", () => ({
  openRelay: ({ listen }: RelayOptions) => ({
    host: pulumi.output("127.0.0.1"),
    port: pulumi.output(listen.port),
  }),
}));

/** Whether a resource needs a database connection to be created, changed or deleted. */
function isInside({ type }: Registration): boolean {
  return type.startsWith("postgresql:") || type.startsWith("pulumi-nodejs:dynamic/database:");
}

// `pulumi destroy` does not run the program, so there is no relay.
test("destroying a stack needs no connection to its databases", async () => {
  const settings = kubernetesStack();
  const planned = await plannedBy(async () => {
    const homes = await Homes.open(settings);
    for (const database of ["sark", "sark_audit"] as const) {
      const server = homes.server(database);
      new DatabaseLayer(`${database}-layer`, { server, rotation: settings.rotation });
    }
  });
  const clusters = planned
    .filter(({ type }) => type === "kubernetes:postgresql.cnpg.io/v1:Cluster")
    .map(({ name }) => name);
  expect(clusters).toEqual(["sark-cluster", "sark-audit-cluster"]);

  const inside = planned.filter(isInside);
  const held = (cluster: string) =>
    inside.filter(({ deletedWith }) => shortName(deletedWith) === cluster);
  for (const cluster of clusters) expect(held(cluster).length).toBeGreaterThan(20);
  const alone = inside.filter(({ deletedWith }) => !clusters.includes(shortName(deletedWith)));
  expect(alone.map(({ name }) => name)).toEqual([]);
});
