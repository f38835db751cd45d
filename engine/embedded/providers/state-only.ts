import { randomUUID } from "node:crypto";
import type { WireObject } from "../../wire";
import { PlainProvider, type Existing } from "./provider";

/** Components and provider resources: nothing exists outside the state. */
export class StateOnlyProvider extends PlainProvider {
  create(news: WireObject) {
    return Promise.resolve({ id: randomUUID(), outputs: news });
  }

  update(_old: Existing, news: WireObject) {
    return Promise.resolve({ outputs: news });
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }

  override previewUpdate(_old: Existing, news: WireObject): WireObject {
    return news;
  }
}
