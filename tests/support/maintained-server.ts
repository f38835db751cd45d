/** A server with the schema of `sark` and TLS, and its maintenance jobs as the stack would register them. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Client } from "pg";
import type { MaintenanceJobs } from "../../components/homes/kubernetes/maintenance/maintenance-jobs";
import { jobsOn } from "./built-cluster";
import { valueOf } from "./expect-sql";
import { type JobEnvironment, JobPod, type JobResult } from "./job-pod";
import { layerOf } from "./kubernetes-layer";
import { migratedSark, type TestServer } from "../../scratch/migrated";
import { postgresPrograms } from "./postgres-programs";
import { kubernetesStack, registeredBy, type Registered } from "./registered";
import { serverCertificate, type ServerCertificate } from "./server-certificate";

/** Host name by which the jobs know the primary. */
export const PRIMARY = "sark-rw";

/** The store that the jobs know; tests replace it by one on this machine. */
export const STORE_ENDPOINT = "https://store.example.com";
const BUCKET_PATH = "s3://sark-dev-backups/here/";

const programs = postgresPrograms();

/** Like `describe`, for tests that need psql and pg_dump; skipped without them. */
export const describeWithPrograms: typeof describe.skip =
  programs === undefined ? describe.skip : describe;

/** Path of a PostgreSQL program. */
export function programPath(name: string): string {
  return join(programs ?? "", name);
}

export class MaintainedServer {
  readonly #pods: JobPod[] = [];

  private constructor(
    private readonly certificate: ServerCertificate,
    private readonly objects: readonly Registered[],
    readonly server: TestServer,
    /** A superuser's session. */
    readonly admin: Client,
  ) {}

  /** @param users initial number of users @param parameters more parameters of the server */
  static async start(
    users: number,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<MaintainedServer> {
    const certificate = serverCertificate(PRIMARY);
    const server = await migratedSark({ ...certificate.parameters, ...parameters });
    const admin = await server.connect("postgres");
    await admin.query(
      `insert into users (username, email)
       select 'user' || n, 'user' || n || '@example.com' from generate_series(1, $1) as n`,
      [users],
    );
    return new MaintainedServer(certificate, await registeredBy(jobs), server, admin);
  }

  /** The pod of one run of a job. */
  pod(job: string, changes: Partial<JobEnvironment> = {}): JobPod {
    const password = ["secret-sark-sark_maintain-password", this.server.password] as const;
    const made = new JobPod(this.objects, `sark-${job}`, {
      port: this.server.port,
      programs: [programs ?? ""],
      secrets: { "sark-ca": { "ca.crt": this.certificate.authority } },
      ...changes,
      replace: [password, ...(changes.replace ?? [])],
    });
    this.#pods.push(made);
    return made;
  }

  /** Runs a job. @param replace texts to replace in it */
  run(job: string, ...replace: [string, string][]): Promise<JobResult> {
    return this.pod(job, { replace }).runAll();
  }

  async count(from: string): Promise<number> {
    return Number(await valueOf(this.admin, `select count(*) from ${from}`));
  }

  /** Adds a session for each of so many users. @param expires interval from now */
  async insertSessions(rows: number, expires: string): Promise<void> {
    await this.admin.query(
      `insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
       select u.id, gen_random_uuid(), encode(sha256(uuid_send(gen_random_uuid())), 'hex'), now() + $2::interval
         from users as u limit $1`,
      [rows, expires],
    );
  }

  async stop(): Promise<void> {
    for (const pod of this.#pods) pod.remove();
    await this.server.stop();
    rmSync(this.certificate.folder, { recursive: true, force: true });
  }
}

function jobs(): MaintenanceJobs {
  const bucket = { path: BUCKET_PATH, endpoint: STORE_ENDPOINT, access: "keys" };
  const settings = {
    ...kubernetesStack({ backups: { bucket } }),
    secrets: {
      backupAccessKeyId: pulumi.secret("key id"),
      backupSecretAccessKey: pulumi.secret("key itself"),
    },
  };
  return jobsOn(settings, [layerOf(settings, "sark")]);
}
