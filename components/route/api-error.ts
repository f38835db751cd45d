import { printable, shortened } from "../text/printable";

/**
 * Kinds of failure of a Kubernetes API request.
 * - absent: the object does not exist
 * - denied: the user is not authenticated or not authorised
 * - unreachable: no usable answer; a retry may succeed
 * - refused: anything else
 */
export type ApiFailure = "absent" | "denied" | "unreachable" | "refused";

/** Failed Kubernetes API request, with a message for the user. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly kind: ApiFailure,
    message: string,
    options?: ErrorOptions,
    /** The API's own message. */
    readonly answer = "",
  ) {
    super(printable(message), options);
  }
}

/** A request, in words, and the permission that it needs. */
export interface ApiRequest {
  readonly description: string;
  readonly verb: string;
  readonly resource: string;
  /** Unset for cluster-scoped resources. */
  readonly namespace?: string;
}

/** An error response: `ApiException` of the client library, or a rejected WebSocket upgrade. */
export interface ApiResponse {
  readonly code: number;
  readonly body: unknown;
}

/**
 * Converts a failed request into an ApiError.
 * @param api address and context of the API
 */
export function apiError(api: string, action: ApiRequest, cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  const place = action.namespace === undefined ? "" : ` in namespace ${action.namespace}`;
  const attempt = `the Kubernetes API at ${api} did not ${action.description}${place}`;
  if (!isAnswer(cause)) {
    const text = `${attempt}: cannot connect: ${errorText(cause)}`;
    return new ApiError("unreachable", text, { cause });
  }
  const answer = wordsOf(cause.body);
  const said = `${attempt}: ${cause.code}${answer === "" ? "" : `, ${answer}`}`;
  if (cause.code === 401) {
    const advice = "The API does not accept the credentials of the kubeconfig: log in again";
    return new ApiError("denied", `${said}. ${advice}`, { cause }, answer);
  }
  if (cause.code === 403) {
    const advice = `Grant the user of the kubeconfig the permission ${action.verb} on ${action.resource}`;
    return new ApiError("denied", `${said}. ${advice}${place}`, { cause }, answer);
  }
  if (cause.code === 404) return new ApiError("absent", said, { cause }, answer);
  const passing = cause.code === 429 || cause.code >= 500;
  return new ApiError(passing ? "unreachable" : "refused", said, { cause }, answer);
}

function isAnswer(cause: unknown): cause is ApiResponse {
  return (
    typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "number"
  );
}

/** The message of a `Status` object, or the text of a proxy's answer. */
function wordsOf(body: unknown): string {
  const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status === "object" && status !== null) {
      return "message" in status ? String(status.message) : "";
    }
  } catch {
    // Not JSON: a text or HTML page.
  }
  return shortened(text.replace(/\s+/g, " ").trim(), 300);
}

/** The message of an error; the `ws` package reports errors as events. */
export function errorText(cause: unknown): string {
  if (typeof cause === "object" && cause !== null && "message" in cause) {
    return String(cause.message);
  }
  return String(cause);
}
