export { EmbeddedEngine, type EmbeddedEngineOptions } from "./engine";
export type { Lookup } from "./monitor";
