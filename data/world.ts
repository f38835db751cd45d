/** The entities that all tables share, and their activity. */
import {
  type Hypertable,
  HYPERTABLE_FACTS,
  type Lateness,
} from "../components/hypertables/plan/hypertable-facts";
import { arrivals, DAY, eventTime } from "./arrivals";
import { Random } from "./random";
import { type Scale, SIZES, type Sizes } from "./scale";
import { logNormalWeights, Weighted, zipfWeights } from "./weighted";

export type EventIds = "v4" | "v7";

export interface DataOptions {
  readonly scale: Scale;
  /** An integer; other seeds make other rows of the same kind. */
  readonly seed: number;
  /** The end of the data. No other clock is read, so the same options make the same bytes. */
  readonly now: Date;
  /** Version of the UUIDs of events and decisions; 7 begins with the row's time. @default "v4" */
  readonly eventIds?: EventIds;
  /** Lateness of every hypertable whose rows can be late. @default - from its facts */
  readonly lateness?: Lateness;
  /** Sizes that override the scale's. */
  readonly sizes?: Partial<Sizes>;
}

const NEVER_LATE: Lateness = { share: 0, hours: 0 };

/** Sigma of user activity: at 1.2 the busiest tenth of the users does half of everything. */
const USERS_SIGMA = 1.2;
/** Zipf exponent, as for web requests over pages. */
const ZIPF = 0.9;

/** The entities of both databases: users of `sark_audit` are those of `sark`. */
export class GeneratedWorld {
  readonly seed: number;
  readonly sizes: Sizes;
  readonly eventIds: EventIds;
  readonly #lateness: Lateness | undefined;
  /** End of all data, in microseconds since 1970. */
  readonly now: number;
  /** Oldest time in `sark_audit`. */
  readonly start: number;

  readonly users: Entities;
  readonly servers: Entities;
  readonly policies: Entities;
  readonly apiKeys: Entities;

  constructor(options: DataOptions) {
    this.seed = options.seed;
    this.sizes = { ...SIZES[options.scale], ...options.sizes };
    this.eventIds = options.eventIds ?? "v4";
    this.#lateness = options.lateness;
    this.now = options.now.getTime() * 1000;
    this.start = this.now - this.sizes.days * DAY;

    const { users, servers, policies, apiKeys } = this.sizes;
    this.users = new Entities(this.random("users.id"), () =>
      logNormalWeights(users, USERS_SIGMA, this.random("users.weight")),
    );
    const zipf = (name: string, count: number): Entities =>
      new Entities(this.random(`${name}.id`), () =>
        zipfWeights(count, ZIPF, this.random(`${name}.weight`)),
      );
    this.servers = zipf("servers", servers);
    this.policies = zipf("policies", policies);
    this.apiKeys = zipf("api_keys", apiKeys);
  }

  /** A named stream of random numbers, from its beginning. */
  random(stream: string): Random {
    return new Random(this.seed, stream);
  }

  /** Arrival and event times of a hypertable's rows, in order of arrival, in microseconds since 1970. */
  *eventTimes(table: Hypertable, count: number): Generator<Record<"arrival" | "time", number>> {
    const random = this.random(`${table}.time`);
    const lateness = this.#lateness ?? HYPERTABLE_FACTS[table].generated.lateness ?? NEVER_LATE;
    for (const arrival of arrivals(this.start, this.now, count, random)) {
      yield { arrival, time: eventTime(arrival, this.start, lateness, random) };
    }
  }

  /** The id of an event. */
  eventId(at: number, random: Random): string {
    return this.eventIds === "v7" ? random.uuidAt(at) : random.uuid();
  }
}

/** Entities with ids and popularity weights. */
export class Entities {
  readonly #random: Random;
  readonly #weights: () => Iterable<number>;
  readonly #ids: string[] = [];
  #weighted: Weighted | undefined;

  /** @param weights one for each entity */
  constructor(random: Random, weights: () => Iterable<number>) {
    this.#random = random;
    this.#weights = weights;
  }

  /** The id of an index, independent of earlier calls. */
  id(index: number): string {
    while (this.#ids.length <= index) this.#ids.push(this.#random.uuid());
    return this.#ids[index] ?? "";
  }

  /** A random index, popular ones more often. */
  index(random: Random): number {
    this.#weighted ??= new Weighted(this.#weights());
    return this.#weighted.index(random);
  }
}
