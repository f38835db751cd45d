import { randomUUID } from "node:crypto";
import type { ResourceProvider } from "./provider";

/** Components and provider resources: nothing exists outside the state. */
export const STATE_ONLY: ResourceProvider = {
  create: (news) => Promise.resolve({ id: randomUUID(), outputs: news }),
  update: (_old, news) => Promise.resolve(news),
  delete: () => Promise.resolve(),
};
