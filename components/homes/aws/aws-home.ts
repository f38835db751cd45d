import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../../pool/connection-pool";
import type { DatabaseLayer } from "../../database-layer/database-layer";
import type { LoopbackPort } from "../../route/loopback-port";
import type { ServerPlan } from "../plan/server-plan";
import { AwsBackups } from "./backups/aws-backups";
import { volume } from "./database/plan/rds-storage";
import { RdsDatabase } from "./database/rds-database";
import type { MakeGateway } from "./database/rds-way";
import { AwsMonitoring } from "./monitoring/aws-monitoring";
import type { AwsSettings, AwsStack } from "./plan/rds-stack";
import { AwsPlatform } from "./platform/aws-platform";
import { openPlaces } from "./platform/places";
import { storeLogins } from "./secrets/login-store";

/** What a stack has on AWS, in the order in which it is made. */
export class AwsHome {
  readonly #aws: AwsSettings;
  readonly #stack: AwsStack;
  readonly #plan: ServerPlan;
  readonly #platform: AwsPlatform;
  #backups: AwsBackups | undefined;
  #database: RdsDatabase | undefined;

  /**
   * Looks up what was given there, before anything is made.
   * @param plan of the database
   * @throws SettingsError for a network that no database may be in
   */
  static async open(stack: AwsStack, plan: ServerPlan): Promise<AwsHome> {
    const { aws, onRds, protection } = stack;
    if (!aws) throw new Error("the settings name no account of AWS");
    const places = await openPlaces(aws, pulumi.getStack(), onRds);
    return new AwsHome(aws, stack, plan, new AwsPlatform("aws", { places, protection }));
  }

  private constructor(aws: AwsSettings, stack: AwsStack, plan: ServerPlan, platform: AwsPlatform) {
    this.#aws = aws;
    this.#stack = stack;
    this.#plan = plan;
    this.#platform = platform;
  }

  /** Storage for backups, and what copies them. */
  backups(): AwsBackups {
    const { backups, clients, database, onRds } = this.#stack;
    this.#backups = new AwsBackups("backups", {
      platform: this.#platform,
      aws: this.#aws,
      backups,
      clients,
      ...(onRds ? { database } : {}),
    });
    return this.#backups;
  }

  /**
   * @param makeGateway makes the gateway that the route `port-forward` leads through
   * @param listen where the program reaches it
   */
  server(name: string, makeGateway: MakeGateway | undefined, listen: LoopbackPort): RdsDatabase {
    const { database, tier, backups, rotation, gateway } = this.#stack;
    const server = new RdsDatabase(name, {
      platform: this.#platform,
      aws: this.#aws,
      database,
      plan: this.#plan,
      volume: volume(database, tier),
      backupDays: backups.retentionDays,
      rotation,
      makeGateway: gateway ? makeGateway : undefined,
      listen,
    });
    // Of a server in the second region the backups are there already.
    if (server.writer !== server.abroad) this.#backups?.copyServer(server.writer);
    this.#database = server;
    return server;
  }

  /** The application's logins, for whoever runs outside of the cluster. */
  logins(
    databases: readonly DatabaseLayer[],
    pool: ConnectionPool | undefined,
  ): pulumi.Resource | undefined {
    if (!this.#stack.onRds) return undefined;
    return storeLogins("login-store", { platform: this.#platform, databases, pool });
  }

  /** Alarms and events of the server. */
  monitoring(): void {
    const { database, tier, monitoring } = this.#stack;
    if (!this.#database || !monitoring) return;
    const vault = this.#backups?.vault;
    new AwsMonitoring("monitoring", {
      platform: this.#platform,
      aws: this.#aws,
      database,
      plan: this.#plan,
      volume: volume(database, tier),
      servers: this.#database,
      ...(vault === undefined ? {} : { vault }),
    });
  }
}
