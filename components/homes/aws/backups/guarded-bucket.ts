import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { LifecycleRule } from "./plan/lifecycle";
import { type Statement, policyDocument } from "../plan/policy-document";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";

export interface GuardedBucketArgs {
  readonly platform: AwsPlatform;
  readonly place: Place;
  /** Its name, which no other bucket in the world has. */
  readonly bucket: string;
  /** Key that it encrypts with. @default - S3's own */
  readonly key?: aws.kms.Key;
  /** Who may delete a version before its days are over (`governance`: whoever is allowed to) and the days. @default - no lock */
  readonly lock?: { readonly mode: "governance" | "compliance"; readonly days: number };
  readonly lifecycle: readonly LifecycleRule[];
  readonly policy: readonly Statement[];
}

/**
 * A bucket with all that guards it. With `protection` it is neither deleted nor replaced, and what guards it stays with
 * it. Without, AWS itself refuses to delete one that still has something in it: nothing here empties a bucket.
 *
 * No change of it is ignored. A lock can be added to no bucket later and taken from none, so a bucket is made with it.
 */
export class GuardedBucket extends pulumi.ComponentResource {
  /** Its name, once it is there. */
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
      { ...this.#kept(), protect: protection },
    );
    this.bucket = itself.id;
    const own = { bucket: itself.id };
    const versioning = new aws.s3.BucketVersioning(
      `${name}-versioning`,
      { ...own, versioningConfiguration: { status: "Enabled" } },
      this.#kept(),
    );
    const wall = this.#wall(own);
    this.#encryption(own);
    this.#ageing(own, versioning);
    new aws.s3.BucketPolicy(
      `${name}-policy`,
      { ...own, policy: policyDocument(args.policy) },
      // S3 takes one change of a bucket's access at a time.
      this.#kept(wall),
    );
    new aws.s3.BucketNotification(`${name}-events`, { ...own, eventbridge: true }, this.#kept());
    this.registerOutputs({ bucket: this.bucket });
  }

  #kept(...dependsOn: readonly pulumi.Resource[]): pulumi.CustomResourceOptions {
    const { platform, place } = this.#args;
    return {
      ...platform.inside(this, place),
      retainOnDelete: platform.protection,
      dependsOn: [...dependsOn],
    };
  }

  /** Nobody outside of the account gets in, and lists of who may do what at single objects count for nothing. */
  #wall(own: { readonly bucket: pulumi.Output<string> }): pulumi.Resource {
    const ownership = new aws.s3.BucketOwnershipControls(
      `${this.#name}-ownership`,
      { ...own, rule: { objectOwnership: "BucketOwnerEnforced" } },
      this.#kept(),
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
      this.#kept(ownership),
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
                // One key for a while, and not one request to KMS for each segment of the log.
                bucketKeyEnabled: true,
              }
            : { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
        ],
      },
      this.#kept(),
    );
  }

  #ageing(own: { readonly bucket: pulumi.Output<string> }, versioning: pulumi.Resource): void {
    const { lock, lifecycle } = this.#args;
    if (lock) {
      new aws.s3.BucketObjectLockConfiguration(
        `${this.#name}-lock`,
        {
          ...own,
          rule: { defaultRetention: { mode: lock.mode.toUpperCase(), days: lock.days } },
        },
        this.#kept(versioning),
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
      this.#kept(versioning),
    );
  }
}
