export { EmbeddedEngine } from "./embedded-engine";
export { placeholders } from "./lookups";
