import type * as stream from "node:stream";
import type { ICluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import type {
  CoreV1Api,
  CoreV1Event,
  CustomObjectsApi,
  KubeConfig,
  V1PersistentVolumeClaim,
  V1Pod,
} from "@kubernetes/client-node";
import { type ApiRequest, ApiError, apiError, errorText } from "./api-error";
import { clientLibrary } from "./client-library";
import { openPodStream } from "./pod-stream";

/** Timeout of one request, in milliseconds. A healthy API answers in a few. */
const REQUEST_TIMEOUT = 10_000;

/** Server address that the client library assumes without a kubeconfig. */
const NO_CONFIG = "http://localhost:8080";

/** API group of CloudNativePG. */
const OPERATOR = { group: "postgresql.cnpg.io", version: "v1" } as const;

/** API group of the Barman Cloud plugin. */
const ARCHIVE = { group: "barmancloud.cnpg.io", version: "v1" } as const;

/** Client of the Kubernetes API for this project's own requests; Pulumi creates the resources. */
export class ClusterApi {
  /** Address and context, for messages. */
  readonly name: string;
  readonly #config: KubeConfig;
  readonly #core: CoreV1Api;
  readonly #custom: CustomObjectsApi;
  readonly #library: Awaited<ReturnType<typeof clientLibrary>>;

  private constructor(library: Awaited<ReturnType<typeof clientLibrary>>, config: KubeConfig) {
    const server = config.getCurrentCluster()?.server ?? "";
    this.name = `${server} (context ${config.getCurrentContext()})`;
    this.#library = library;
    this.#config = config;
    const configuration = library.createConfiguration({
      baseServer: new library.ServerConfiguration(server, {}),
      authMethods: { default: config },
      promiseMiddleware: [
        {
          pre: (request) => {
            request.setSignal(AbortSignal.timeout(REQUEST_TIMEOUT));
            return Promise.resolve(request);
          },
          post: (response) => Promise.resolve(response),
        },
      ],
    });
    this.#core = new library.CoreV1Api(configuration);
    this.#custom = new library.CustomObjectsApi(configuration);
  }

  /**
   * Loads the kubeconfig as kubectl does: `KUBECONFIG`, `~/.kube/config`, or the service account of the pod. Sends no
   * request.
   * @param context - default: the current context
   * @throws ApiError when the kubeconfig or the context does not exist
   */
  static async load(context?: string): Promise<ClusterApi> {
    const library = await clientLibrary();
    const config = new library.KubeConfig();
    try {
      config.loadFromDefault();
    } catch (cause) {
      throw new ApiError("refused", `the kubeconfig cannot be read: ${errorText(cause)}`, {
        cause,
      });
    }
    if (config.getCurrentCluster()?.server === NO_CONFIG) {
      throw new ApiError(
        "refused",
        "no kubeconfig found: neither KUBECONFIG nor ~/.kube/config points to a Kubernetes cluster",
      );
    }
    if (context !== undefined) config.setCurrentContext(context);
    if (config.getCurrentCluster() === null) {
      const known = config.getContexts().map(({ name }) => name);
      throw new ApiError(
        "refused",
        `the kubeconfig has no context ${config.getCurrentContext() || "selected"}; it has ` +
          `${known.join(", ") || "none"} (select one with sark-databases:kubernetes.context)`,
      );
    }
    return new ClusterApi(library, config);
  }

  /** Contents of a secret, by key. */
  async secret(namespace: string, name: string): Promise<ReadonlyMap<string, Buffer>> {
    const action = {
      description: `read secret ${name}`,
      verb: "get",
      resource: "secrets",
      namespace,
    };
    const { data } = await this.#call(action, () =>
      this.#core.readNamespacedSecret({ namespace, name }),
    );
    const entries = Object.entries(data ?? {});
    return new Map(entries.map(([key, value]) => [key, Buffer.from(value, "base64")]));
  }

  /** @param labelSelector - in kubectl's notation */
  async pods(namespace: string, labelSelector: string): Promise<readonly V1Pod[]> {
    return this.#list("pods", "pods", namespace, () =>
      this.#core.listNamespacedPod({ namespace, labelSelector }),
    );
  }

  async volumeClaims(
    namespace: string,
    labelSelector = "",
  ): Promise<readonly V1PersistentVolumeClaim[]> {
    return this.#list("volume claims", "persistentvolumeclaims", namespace, () =>
      this.#core.listNamespacedPersistentVolumeClaim({ namespace, labelSelector }),
    );
  }

  /** Recent events of objects of one kind; the API keeps them for about an hour. */
  async events(namespace: string, kind: string): Promise<readonly CoreV1Event[]> {
    const fieldSelector = `involvedObject.kind=${kind}`;
    return this.#list("events", "events", namespace, () =>
      this.#core.listNamespacedEvent({ namespace, fieldSelector }),
    );
  }

  async hasNamespace(name: string): Promise<boolean> {
    const action = { description: `read namespace ${name}`, verb: "get", resource: "namespaces" };
    try {
      await this.#call(action, () => this.#core.readNamespace({ name }));
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.kind === "absent") return false;
      throw error;
    }
  }

  /** A CloudNativePG cluster. */
  async cluster(namespace: string, name: string): Promise<ICluster> {
    const resource = `clusters.${OPERATOR.group}`;
    const action = { description: `read cluster ${name}`, verb: "get", resource, namespace };
    const plural = "clusters";
    const object: unknown = await this.#call(action, () =>
      this.#custom.getNamespacedCustomObject({ ...OPERATOR, namespace, plural, name }),
    );
    return object as ICluster;
  }

  /** An ObjectStore of the Barman Cloud plugin, which no package has a model of. */
  async objectStore(namespace: string, name: string): Promise<unknown> {
    const { group, version } = ARCHIVE;
    const resource = `objectstores.${group}`;
    const action = { description: `read object store ${name}`, verb: "get", resource, namespace };
    const plural = "objectstores";
    return this.#call(action, () =>
      this.#custom.getNamespacedCustomObject({ group, version, namespace, plural, name }),
    );
  }

  /** Names of CloudNativePG objects of one kind. */
  async operatorObjects(
    namespace: string,
    plural: "clusters" | "backups",
  ): Promise<readonly { readonly metadata: { readonly name: string } }[]> {
    type Listed = { readonly items: readonly { readonly metadata: { readonly name: string } }[] };
    return this.#list(
      plural,
      `${plural}.${OPERATOR.group}`,
      namespace,
      () =>
        this.#custom.listNamespacedCustomObject({
          ...OPERATOR,
          namespace,
          plural,
        }) as Promise<Listed>,
    );
  }

  /**
   * Opens a connection to a port of a pod. A failure inside the pod, such as a port without a listener, destroys the
   * stream with that error.
   */
  portForward(namespace: string, pod: string, port: number): Promise<stream.Duplex> {
    const action = {
      description: `forward port ${port} of pod ${pod}`,
      // A WebSocket starts as a GET; since Kubernetes 1.35 create is required as well.
      verb: "get and create",
      resource: "pods/portforward",
      namespace,
    };
    return this.#call(action, () =>
      openPodStream(this.#library, this.#config, { namespace, pod, port }),
    );
  }

  async #list<T>(
    things: string,
    resource: string,
    namespace: string,
    work: () => Promise<{ readonly items: readonly T[] }>,
  ): Promise<readonly T[]> {
    const action = { description: `list ${things}`, verb: "list", resource, namespace };
    return (await this.#call(action, work)).items;
  }

  async #call<T>(action: ApiRequest, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw apiError(this.name, action, cause);
    }
  }
}
