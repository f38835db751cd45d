import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../../pool/connection-pool";
import type { DatabaseServer } from "../database-server";
import type { DatabaseLayer } from "../../database-layer/database-layer";
import type { LoopbackPort } from "../../route/loopback-port";
import type { StackSettings } from "../../settings/settings";
import { AwsBackups } from "./backups/aws-backups";
import { RdsDatabase } from "./database/rds-database";
import type { MakeGateway } from "./database/rds-way";
import { AwsMonitoring } from "./monitoring/aws-monitoring";
import { AwsPlatform } from "./platform/aws-platform";
import { openPlaces } from "./platform/places";
import { storeLogins } from "./secrets/login-store";

/** What a stack has on AWS, in the order in which it is made. */
export class AwsHome {
  readonly #platform: AwsPlatform;
  #backups: AwsBackups | undefined;
  #database: RdsDatabase | undefined;

  /**
   * Looks up what was given there, before anything is made.
   * @throws SettingsError for a network that no database may be in
   */
  static async open(settings: StackSettings): Promise<AwsHome> {
    const { aws, sark } = settings;
    if (!aws) throw new Error("the settings name no account of AWS");
    const places = await openPlaces(aws, pulumi.getStack(), sark.home === "aws");
    return new AwsHome(new AwsPlatform("aws", { settings, places }));
  }

  private constructor(platform: AwsPlatform) {
    this.#platform = platform;
  }

  /** Storage for backups, and what copies them. */
  backups(): AwsBackups {
    this.#backups = new AwsBackups("backups", this.#platform);
    return this.#backups;
  }

  /**
   * @param makeGateway makes the gateway that the route `port-forward` leads through
   * @param listen where the program reaches it
   */
  server(name: string, makeGateway: MakeGateway | undefined, listen: LoopbackPort): DatabaseServer {
    const server = new RdsDatabase(name, { platform: this.#platform, makeGateway, listen });
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
    if (this.#platform.settings.sark.home !== "aws") return undefined;
    return storeLogins("login-store", { platform: this.#platform, databases, pool });
  }

  /** Alarms and events of the server. */
  monitoring(): void {
    const { monitoring } = this.#platform.settings;
    if (!this.#database || !monitoring.enabled) return;
    const vault = this.#backups?.vault;
    new AwsMonitoring("monitoring", {
      platform: this.#platform,
      database: this.#database,
      ...(vault === undefined ? {} : { vault }),
    });
  }
}
