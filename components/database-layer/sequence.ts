import type * as pulumi from "@pulumi/pulumi";

/** Resources of one database, each made when the one before it is done. */
export class Sequence {
  #last: pulumi.Resource | undefined;

  /**
   * @param opts options that all of them share
   * @param first what the first of them waits for
   */
  constructor(
    readonly opts: pulumi.CustomResourceOptions,
    first: pulumi.Resource | undefined,
  ) {
    this.#last = first;
  }

  /** Makes the next resource. @param create is given the options to make it with */
  next<R extends pulumi.Resource>(create: (opts: pulumi.CustomResourceOptions) => R): R {
    const resource = create({ ...this.opts, ...(this.#last ? { dependsOn: [this.#last] } : {}) });
    this.#last = resource;
    return resource;
  }
}
