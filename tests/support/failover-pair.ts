/** A primary and its streaming stand-by, and an address that follows the primary. */
import { rmSync } from "node:fs";
import { Client } from "pg";
import { HOST, freePort } from "../../components/homes/local/processes/ports";
import { start, stop, writeConfiguration } from "../../components/homes/local/processes/postgres";
import { clonePrimary } from "../../components/homes/local/processes/postgres-clone";
import { renderConninfo } from "../../components/homes/local/processes/postgres-config";
import { waitForStreaming } from "../../components/homes/local/processes/postgres-replication";
import { MovingRelay } from "./moving-relay";
import {
  type ScratchPostgres,
  startScratchPostgres,
  temporaryFolder,
} from "../../scratch/scratch-postgres";

const SLOT = "standby";

export class FailoverPair {
  readonly #folder = temporaryFolder("failover-standby-");
  readonly #standbyPort: number;

  private constructor(
    readonly primary: ScratchPostgres,
    standbyPort: number,
    /** Address at which clients reach the primary. */
    readonly relay: MovingRelay,
  ) {
    this.#standbyPort = standbyPort;
  }

  static async start(): Promise<FailoverPair> {
    const primary = await startScratchPostgres();
    const pair = new FailoverPair(primary, await freePort(), await MovingRelay.start(primary.port));
    await pair.#startStandby();
    return pair;
  }

  /**
   * A clean switchover: the primary stops, new connections are refused, and then the promoted stand-by accepts them.
   */
  async switchOver(): Promise<void> {
    await stop(this.primary.folder);
    await this.relay.moveTo(undefined);
    await this.#onStandby("select pg_promote()");
    await this.relay.moveTo(this.#standbyPort);
  }

  /** Runs a statement on the server that clients reach now. */
  run(sql: string): Promise<Record<string, unknown>[]> {
    return this.#run(this.relay.port, sql);
  }

  async remove(): Promise<void> {
    this.relay.stop();
    await this.primary.stop();
    await stop(this.#folder);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #startStandby(): Promise<void> {
    const { folder, user, password, port } = this.primary;
    const admin = { user, password };
    await clonePrimary({ folder, admin, slot: SLOT }, this.#folder);
    writeConfiguration(this.#folder, {
      port: this.#standbyPort,
      clusterName: SLOT,
      preload: [],
      parameters: { restart: { fsync: "off" }, reload: {} },
      replication: {
        conninfo: renderConninfo({ host: HOST, port: String(port), user, password }),
        slot: SLOT,
      },
    });
    await start(this.#folder);
    const failure = await waitForStreaming(this.#folder, admin, SLOT);
    if (failure !== undefined) throw new Error(`the stand-by does not stream${failure}`);
  }

  #onStandby(sql: string): Promise<Record<string, unknown>[]> {
    return this.#run(this.#standbyPort, sql);
  }

  async #run(port: number, sql: string): Promise<Record<string, unknown>[]> {
    const { user, password } = this.primary;
    const client = new Client({ host: HOST, port, user, password, database: "postgres" });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }
}
