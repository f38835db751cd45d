export { EmbeddedEngine } from "./engine";
export { placeholders } from "./lookups";
