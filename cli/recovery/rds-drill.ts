import { makeRecord } from "../../components/backups/make-record";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import type { RdsTarget } from "../../components/route/plan/targets";
import { UserError } from "../../engine/engine";
import type { DrillHome } from "./restore-drill";
import { onServer } from "./stack-session";
import { withRestoredServer } from "./rds-scratch";
import { parseRdsHost, rdsPoints } from "./rds-points";

/** Milliseconds between two looks at how far RDS's backups reach, which they do every five minutes. */
const PAUSE = 30_000;

/**
 * Restores a server on RDS into a scratch server beside it.
 * @throws {UserError} if this machine cannot reach the scratch server
 */
export function rdsDrill(
  server: ServerOutput,
  outputs: StackOutputs,
  target: RdsTarget,
): DrillHome {
  const { server: host, route } = target;
  const { identifier: source, region } = parseRdsHost(host);
  return {
    withRestored: async (to, work) => {
      if (route.kind !== "direct") {
        throw new UserError(
          "the scratch server can only be reached inside the databases' network; run the drill there, " +
            `such as on a runner in the VPC, with sark-databases:route set to direct (now: ${route.kind})`,
        );
      }
      const made =
        to === undefined ? await onServer(server, outputs, "admin", makeRecord) : undefined;
      const time = to ?? secondAfter(made?.time ?? "");
      await reaches(host, new Date(time));
      const { RDSClient } = await import("@aws-sdk/client-rds");
      const client = new RDSClient({ region });
      try {
        return await withRestoredServer(client, { source, time: new Date(time) }, (address) =>
          onServer(
            { ...server, ...address, relay: { ...target, server: address.host } },
            outputs,
            "admin",
            (session) =>
              work(session, {
                source: `automated backup of ${source}`,
                target: time,
                // RDS restores to a second: what was written within it may be there, too.
                ...(made ? { record: { ...made, exact: false } } : {}),
                // No login of RDS is a superuser, which may use amcheck. Reading the rows verifies their pages' checksums.
                pages: false,
                lost: `what was written after ${time}`,
              }),
          ),
        );
      } finally {
        client.destroy();
      }
    },
  };
}

function secondAfter(time: string): string {
  return new Date(Math.ceil(Date.parse(time) / 1000) * 1000).toISOString();
}

/** Waits until RDS's backups reach a time. */
async function reaches(host: string, time: Date): Promise<void> {
  for (;;) {
    const { newest } = await rdsPoints(host);
    if (newest && newest >= time) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
