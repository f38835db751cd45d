import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { LifecycleRule } from "./plan/lifecycle";
import { type Statement, policyDocument } from "../plan/policy-document";
import type { AwsPlatform } from "../platform/aws-platform";
import type { StackRegion } from "../platform/stack-regions";

export interface GuardedBucketArgs {
  readonly platform: AwsPlatform;
  readonly stackRegion: StackRegion;
  /** Its globally unique name. */
  readonly bucket: string;
  /** Default encryption key. @default - S3-managed keys */
  readonly key?: aws.kms.Key;
  /**
   * Object lock: mode and days. `governance` lets principals with permission delete a version earlier.
   * @default - no lock
   */
  readonly lock?: { readonly mode: "governance" | "compliance"; readonly days: number };
  readonly lifecycle: readonly LifecycleRule[];
  readonly policy: readonly Statement[];
}

/**
 * A bucket with versioning, encryption, public access block, policy, lock and lifecycle. With `protection` none of them
 * is deleted or replaced. Without, AWS still refuses to delete a bucket that has objects: the program never empties
 * one.
 *
 * No change of it is ignored. Object lock is set at creation, as it cannot be removed from a bucket or, here, added
 * later.
 */
export class GuardedBucket extends pulumi.ComponentResource {
  /** Its name, resolved once the bucket exists. */
  readonly bucket: pulumi.Output<string>;

  readonly #args: GuardedBucketArgs;
  readonly #name: string;

  constructor(name: string, args: GuardedBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:GuardedBucket", name, {}, opts);
    this.#args = args;
    this.#name = name;
    const { protection } = args.platform;
    const itself = new aws.s3.Bucket(
      name,
      { bucket: args.bucket, objectLockEnabled: args.lock !== undefined, forceDestroy: false },
      { ...this.#options(), protect: protection },
    );
    this.bucket = itself.id;
    const own = { bucket: itself.id };
    const versioning = new aws.s3.BucketVersioning(
      `${name}-versioning`,
      { ...own, versioningConfiguration: { status: "Enabled" } },
      this.#options(),
    );
    const publicAccessBlock = this.#blockPublicAccess(own);
    this.#encryption(own);
    this.#retention(own, versioning);
    new aws.s3.BucketPolicy(
      `${name}-policy`,
      { ...own, policy: policyDocument(args.policy) },
      // S3 accepts one change of a bucket's access at a time.
      this.#options(publicAccessBlock),
    );
    new aws.s3.BucketNotification(`${name}-events`, { ...own, eventbridge: true }, this.#options());
    this.registerOutputs({ bucket: this.bucket });
  }

  #options(...dependsOn: readonly pulumi.Resource[]): pulumi.CustomResourceOptions {
    const { platform, stackRegion } = this.#args;
    return {
      ...platform.optionsIn(this, stackRegion),
      retainOnDelete: platform.protection,
      dependsOn: [...dependsOn],
    };
  }

  /** Blocks public access, and disables ACLs. Returns the resource that later changes of access depend on. */
  #blockPublicAccess(own: { readonly bucket: pulumi.Output<string> }): pulumi.Resource {
    const ownership = new aws.s3.BucketOwnershipControls(
      `${this.#name}-ownership`,
      { ...own, rule: { objectOwnership: "BucketOwnerEnforced" } },
      this.#options(),
    );
    return new aws.s3.BucketPublicAccessBlock(
      `${this.#name}-wall`,
      {
        ...own,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      this.#options(ownership),
    );
  }

  #encryption(own: { readonly bucket: pulumi.Output<string> }): void {
    const { key } = this.#args;
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${this.#name}-encryption`,
      {
        ...own,
        rules: [
          key
            ? {
                applyServerSideEncryptionByDefault: {
                  sseAlgorithm: "aws:kms",
                  kmsMasterKeyId: key.arn,
                },
                // S3 reuses a bucket-level key, instead of a KMS request for each WAL segment.
                bucketKeyEnabled: true,
              }
            : { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
        ],
      },
      this.#options(),
    );
  }

  #retention(own: { readonly bucket: pulumi.Output<string> }, versioning: pulumi.Resource): void {
    const { lock, lifecycle } = this.#args;
    if (lock) {
      new aws.s3.BucketObjectLockConfiguration(
        `${this.#name}-lock`,
        {
          ...own,
          rule: { defaultRetention: { mode: lock.mode.toUpperCase(), days: lock.days } },
        },
        this.#options(versioning),
      );
    }
    new aws.s3.BucketLifecycleConfiguration(
      `${this.#name}-lifecycle`,
      {
        ...own,
        transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
        rules: lifecycle.map(({ transitions, ...rule }) => ({
          ...rule,
          ...(transitions ? { transitions: [...transitions] } : {}),
        })),
      },
      this.#options(versioning),
    );
  }
}
