import type * as pulumi from "@pulumi/pulumi";

/** Creates the resources of one database one after another, by chained dependencies. */
export class Sequence {
  #last: pulumi.Resource | undefined;

  /**
   * @param opts options shared by all resources
   * @param first dependency of the first resource
   */
  constructor(
    readonly opts: pulumi.CustomResourceOptions,
    first: pulumi.Resource | undefined,
  ) {
    this.#last = first;
  }

  /** Creates the next resource. @param create gets the resource options */
  next<R extends pulumi.Resource>(create: (opts: pulumi.CustomResourceOptions) => R): R {
    const resource = create({ ...this.opts, ...(this.#last ? { dependsOn: [this.#last] } : {}) });
    this.#last = resource;
    return resource;
  }
}
