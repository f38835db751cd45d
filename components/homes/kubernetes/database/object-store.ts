import type { CustomObject } from "../custom-resource";

/** A key of a Secret in the same namespace. */
interface SecretKey {
  readonly name: string;
  readonly key: string;
}

interface Resources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/** The fields of an `ObjectStore` that this project sets (plugin-barman-cloud 0.14, objectstore_types.go). */
export interface ObjectStoreSpec {
  readonly configuration: {
    readonly destinationPath: string;
    readonly endpointURL?: string;
    readonly s3Credentials:
      | { readonly inheritFromIAMRole: true }
      | { readonly accessKeyId: SecretKey; readonly secretAccessKey: SecretKey };
    readonly data: {
      readonly compression: "gzip" | "bzip2" | "lz4" | "snappy";
      readonly jobs: number;
    };
    readonly wal: {
      readonly compression: "gzip" | "bzip2" | "lz4" | "snappy" | "xz" | "zstd";
      readonly maxParallel: number;
    };
  };
  /** Such as `14d`. Without one nothing is deleted. */
  readonly retentionPolicy?: string;
  readonly instanceSidecarConfiguration: {
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly resources: Resources;
  };
}

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Where the Barman Cloud plugin keeps backups; no package has a model of it. */
export class ObjectStore implements CustomObject {
  readonly apiVersion = "barmancloud.cnpg.io/v1";
  readonly kind = "ObjectStore";

  constructor(
    private readonly fields: { readonly metadata: Metadata; readonly spec: ObjectStoreSpec },
  ) {}

  get metadata(): Metadata {
    return this.fields.metadata;
  }

  validate(): void {
    const { configuration, retentionPolicy } = this.fields.spec;
    if (retentionPolicy !== undefined) {
      refuse("retentionPolicy", retentionPolicy, /^[1-9]\d*[dwm]$/);
    }
    refuse("configuration.destinationPath", configuration.destinationPath, /^s3:\/\/./);
  }

  toJSON(): unknown {
    return { apiVersion: this.apiVersion, kind: this.kind, ...this.fields };
  }
}

function refuse(field: string, value: string, allowed: RegExp): void {
  if (!allowed.test(value))
    throw new Error(`spec.${field}: got "${value}"; allowed: ${allowed.source}`);
}
