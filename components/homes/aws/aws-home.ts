import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../../pool/connection-pool";
import type { DatabaseLayer } from "../../database-layer/database-layer";
import type { LoopbackPort } from "../../route/loopback-port";
import type { ServerPlan } from "../plan/server-plan";
import { AwsBackups } from "./backups/aws-backups";
import { type Volume, volume } from "./database/plan/rds-storage";
import { RdsDatabase } from "./database/rds-database";
import type { MakeGateway } from "./database/rds-way";
import { AwsMonitoring } from "./monitoring/aws-monitoring";
import type { AwsSettings, AwsStack } from "./plan/rds-stack";
import { AwsPlatform } from "./platform/aws-platform";
import { openPlaces } from "./platform/places";
import { storeLogins } from "./secrets/login-store";

/** Topics of a stack that has something on AWS, with what follows from them. Each component takes those that it needs. */
interface OpenedStack extends AwsStack {
  readonly aws: AwsSettings;
  readonly platform: AwsPlatform;
  readonly plan: ServerPlan;
  readonly volume: Volume;
}

/** What a stack has on AWS, in the order in which it is made. */
export class AwsHome {
  readonly #stack: OpenedStack;
  #backups: AwsBackups | undefined;
  #database: RdsDatabase | undefined;

  /**
   * Looks up what was given there, before anything is made.
   * @param plan of the database
   * @throws SettingsError for a network that no database may be in
   */
  static async open(stack: AwsStack, plan: ServerPlan): Promise<AwsHome> {
    const { aws, database, tier, onRds, protection } = stack;
    if (!aws) throw new Error("the settings name no account of AWS");
    const places = await openPlaces(aws, pulumi.getStack(), onRds);
    const platform = new AwsPlatform("aws", { places, protection });
    return new AwsHome({ ...stack, aws, platform, plan, volume: volume(database, tier) });
  }

  private constructor(stack: OpenedStack) {
    this.#stack = stack;
  }

  /** Storage for backups, and what copies them. */
  backups(): AwsBackups {
    this.#backups = new AwsBackups("backups", this.#stack);
    return this.#backups;
  }

  /**
   * @param makeGateway makes the gateway that the route `port-forward` leads through
   * @param listen where the program reaches it
   */
  server(name: string, makeGateway: MakeGateway | undefined, listen: LoopbackPort): RdsDatabase {
    const ways = { listen, makeGateway: this.#stack.gateway ? makeGateway : undefined };
    const server = new RdsDatabase(name, { ...this.#stack, ...ways });
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
    const { platform, onRds } = this.#stack;
    return onRds ? storeLogins("login-store", { platform, databases, pool }) : undefined;
  }

  /** Alarms and events of the server. */
  monitoring(): void {
    if (!this.#database || !this.#stack.monitoring) return;
    const vault = this.#backups?.vault;
    new AwsMonitoring("monitoring", {
      ...this.#stack,
      servers: this.#database,
      ...(vault === undefined ? {} : { vault }),
    });
  }
}
