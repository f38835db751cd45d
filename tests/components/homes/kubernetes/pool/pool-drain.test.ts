import type { Client } from "pg";
import { processState } from "../../../../../components/homes/local/processes/process";
import { describeWithPgbouncer } from "../../../../support/started-pgbouncer";
import { type TestAuthority, makeAuthority } from "../../../../../scratch/certificates";
import { POOL_HOST, Pod } from "./pod";
import { type TlsServer, startTlsServer } from "./tls-server";

jest.setTimeout(60_000);

/** Tests an instance during a rollout: the real start script and PgBouncer, stopped under load. */
describeWithPgbouncer("PgBouncer instance on shutdown", () => {
  let pool: TestAuthority;
  let servers: TestAuthority;
  let server: TlsServer;
  let pods: Pod[] = [];

  beforeAll(async () => {
    pool = makeAuthority("pool");
    servers = makeAuthority("servers");
    server = await startTlsServer("sark", servers.sign("IP:127.0.0.1"));
    await server.run("create table public.steps (client int, transaction int, step int)");
    await server.run("grant select, insert on public.steps to sark");
  });

  afterAll(async () => {
    await server.stop();
  });

  beforeEach(async () => {
    pods = await Promise.all([instance(), instance()]);
  });

  afterEach(async () => {
    for (const pod of pods) await pod.remove();
  });

  it("loses no transaction: idle clients are disconnected and reconnect to another instance", async () => {
    const [ending, staying] = pods as [Pod, Pod];
    const clients = Array.from({ length: 12 }, (_, at) => new LoopingClient(at, [ending, staying]));
    const running = Promise.all(clients.map((client) => client.run()));
    /** Waits until each client has committed twice more. */
    const progress = async () => {
      const before = clients.map(({ committed }) => committed);
      while (clients.some(({ committed }, at) => committed < (before[at] ?? 0) + 2))
        await pause(20);
    };
    await progress();
    ending.terminate();
    expect(await ending.hasEnded(8000)).toBe(true);
    await progress();
    for (const client of clients) client.stop();
    await running;

    expect(clients.flatMap(({ broken }) => broken)).toEqual([]);
    expect(clients.filter(({ moved }) => moved)).toHaveLength(clients.length);
    expect(ending.exitCode).toBe(0);
    // Every committed transaction has both steps, and no transaction has only one.
    const committed = clients.reduce((total, each) => total + each.committed, 0);
    expect(
      await server.run(
        `select count(*)::int as transactions, min(steps)::int as least, max(steps)::int as most from
           (select count(*) as steps from public.steps group by client, transaction) as each`,
      ),
    ).toEqual([{ transactions: committed, least: 2, most: 2 }]);
  });

  it("waits for a running transaction, accepts no client, and ignores a second signal", async () => {
    const [ending] = pods as [Pod];
    const busy = await connected(ending);
    const idle = await connected(ending);
    await busy.query("begin");
    const pid = ending.pgbouncer;
    ending.terminate();
    expect(await ending.logs(/got SIGINT/)).toBe(true);
    // PgBouncer refuses it immediately from 1.23 on; an older one admits it and makes it wait.
    const late = expect(connected(ending).then((client) => client.query("select 1"))).rejects;
    const refused = late.toThrow();
    ending.terminate();
    await pause(1000);
    expect(processState(pid)).toBeDefined();
    expect((await busy.query<object>("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await busy.query("commit");
    expect(await ending.hasEnded(4000)).toBe(true);
    expect(ending.exitCode).toBe(0);
    await refused;
    await expect(idle.query("select 1")).rejects.toThrow();
  });

  async function instance(): Promise<Pod> {
    const pod = new Pod({
      servers: { sark: server },
      certificate: pool.sign(`DNS:${POOL_HOST}`),
      authorities: { "sark.crt": servers.certificate },
    });
    await pod.start();
    return pod;
  }

  async function connected(pod: Pod): Promise<Client> {
    const client = pod.client("sark", pool.certificate);
    // The instance is expected to close idle connections.
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /** Runs two-step transactions one after another, reconnecting if the connection was closed in between. */
  class LoopingClient {
    readonly broken: string[] = [];
    committed = 0;
    moved = false;
    #stopped = false;
    #client: Client | undefined;

    constructor(
      readonly number: number,
      readonly instances: readonly [Pod, Pod],
    ) {}

    stop(): void {
      this.#stopped = true;
    }

    async run(): Promise<void> {
      for (let transaction = 0; !this.#stopped; transaction++) {
        const client = await this.#begun();
        try {
          await this.#step(client, transaction, 1);
          await client.query("select pg_sleep(0.05)");
          await this.#step(client, transaction, 2);
          await client.query("commit");
          this.committed++;
        } catch (error) {
          this.broken.push(String(error));
          this.#client = undefined;
        }
      }
      await this.#client?.end();
    }

    async #begun(): Promise<Client> {
      for (;;) {
        try {
          this.#client ??= await connected(this.instances[this.moved ? 1 : 0]);
          await this.#client.query("begin");
          return this.#client;
        } catch {
          this.moved = true;
          this.#client = undefined;
        }
      }
    }

    async #step(client: Client, transaction: number, step: number): Promise<void> {
      const values = [this.number, transaction, step].join(", ");
      await client.query(`insert into public.steps values (${values})`);
    }
  }
});

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
