import * as fs from "node:fs";
import * as path from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import { parse } from "yaml";
import { type KubernetesObject, describeObject } from "./objects";

interface Definition {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

type Schema = Readonly<Record<string, unknown>>;

/** Reads patterns of Go, in which `(?i)` makes a pattern ignore case. */
const GO_PATTERN = Object.assign(
  (pattern: string, flags: string) => {
    const plain = pattern.replace("(?i)", "");
    return new RegExp(plain, plain === pattern ? flags : `${flags}i`);
  },
  { code: "new RegExp" },
);

/** Checks custom resources against their CustomResourceDefinitions, and refuses unknown fields. */
export class Definitions {
  readonly #schemas = new Map<string, Schema>();
  // Some patterns are valid in Go only, so only the kinds that occur are compiled.
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #ajv = new Ajv({
    strict: false,
    allErrors: true,
    validateFormats: false,
    code: { regExp: GO_PATTERN },
  });

  /** @param folders contain definitions in YAML */
  constructor(folders: readonly string[]) {
    const files = folders.flatMap((folder) =>
      fs
        .readdirSync(folder)
        .filter((file) => file.endsWith(".yaml"))
        .map((file) => path.join(folder, file)),
    );
    for (const file of files) {
      const { kind, spec } = parse(fs.readFileSync(file, "utf8")) as Definition;
      if (kind !== "CustomResourceDefinition") continue;
      for (const { name, schema } of spec.versions) {
        this.#schemas.set(`${spec.group}/${name} ${spec.names.kind}`, schema.openAPIV3Schema);
      }
    }
  }

  /** Violations of the definition, one line each. */
  problems(object: KubernetesObject): readonly string[] {
    const validate = this.#validator(`${object.apiVersion} ${object.kind}`);
    if (!validate) return [`${describeObject(object)}: no definition of ${object.apiVersion}`];
    if (validate(object)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const unknown = (params as { additionalProperty?: string }).additionalProperty;
      const field = unknown === undefined ? "" : ` (${unknown})`;
      return `${describeObject(object)}: ${instancePath || "/"} ${String(message)}${field}`;
    });
  }

  #validator(key: string): ValidateFunction | undefined {
    const known = this.#validators.get(key);
    const schema = this.#schemas.get(key);
    if (known || !schema) return known;
    const validator = this.#ajv.compile(closed(schema));
    this.#validators.set(key, validator);
    return validator;
  }
}

/** Schema of the metadata that an author writes, which definitions omit. */
const METADATA: Schema = {
  type: "object",
  required: ["name"],
  properties: {
    name: { type: "string", maxLength: 253 },
    namespace: { type: "string", maxLength: 63 },
    labels: { type: "object", additionalProperties: { type: "string", maxLength: 63 } },
    annotations: { type: "object", additionalProperties: { type: "string" } },
  },
};

/** A definition's schema as JSON Schema that refuses unknown fields, which the server would drop silently. */
function closed(schema: Schema): Schema {
  const { properties } = schema as { readonly properties: Readonly<Record<string, Schema>> };
  return close({ ...schema, properties: { ...properties, metadata: METADATA } });
}

function close(schema: Schema): Schema {
  if (schema["x-kubernetes-int-or-string"] === true) return { type: ["integer", "string"] };
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closeValue(key, value)]),
  );
  const open =
    copy["properties"] === undefined || schema["x-kubernetes-preserve-unknown-fields"] === true;
  return open ? copy : { additionalProperties: false, ...copy };
}

function closeValue(key: string, value: unknown): unknown {
  if (key === "properties") {
    return Object.fromEntries(
      Object.entries(value as Readonly<Record<string, Schema>>).map(([name, schema]) => [
        name,
        close(schema),
      ]),
    );
  }
  const nested = (key === "items" || key === "additionalProperties") && typeof value === "object";
  return nested ? close(value as Schema) : value;
}
