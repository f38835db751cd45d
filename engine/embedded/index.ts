export { EmbeddedEngine, type EmbeddedEngineOptions } from "./engine";
export { placeholders } from "./lookups";
export type { Lookup } from "./monitor";
