import { printable, shortened } from "../text/printable";

/**
 * - absent: what was asked for is not there
 * - denied: whoever asks is not known, or may not
 * - unreachable: the API gave no answer, or none of use; it may later
 * - refused: anything else
 */
export type ApiFailure = "absent" | "denied" | "unreachable" | "refused";

/** Why the Kubernetes API did not do what it was asked for, in sentences for whoever runs the program. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly kind: ApiFailure,
    message: string,
    options?: ErrorOptions,
    /** The API's own words. */
    readonly answer = "",
  ) {
    super(printable(message), options);
  }
}

/** What was asked for, and which permission it takes. */
export interface Action {
  readonly what: string;
  readonly verb: string;
  readonly resource: string;
  /** Unset for what belongs to the whole cluster. */
  readonly namespace?: string;
}

/** An answer that is not a success: of the client library (`ApiException`), or of a refused WebSocket. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

/** @param api - address and context of the API */
export function apiError(api: string, action: Action, cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  const place = action.namespace === undefined ? "" : ` in namespace ${action.namespace}`;
  const attempt = `the Kubernetes API at ${api} did not ${action.what}${place}`;
  if (!isAnswer(cause)) {
    const text = `${attempt}: it cannot be reached: ${reasonOf(cause)}`;
    return new ApiError("unreachable", text, { cause });
  }
  const answer = wordsOf(cause.body);
  const said = `${attempt}: ${cause.code}${answer === "" ? "" : `, ${answer}`}`;
  if (cause.code === 401) {
    const advice = "It does not know the login of the kubeconfig: log in again";
    return new ApiError("denied", `${said}. ${advice}`, { cause }, answer);
  }
  if (cause.code === 403) {
    const advice = `Whoever runs the program needs the permission ${action.verb} on ${action.resource}`;
    return new ApiError("denied", `${said}. ${advice}${place}`, { cause }, answer);
  }
  if (cause.code === 404) return new ApiError("absent", said, { cause }, answer);
  const passing = cause.code === 429 || cause.code >= 500;
  return new ApiError(passing ? "unreachable" : "refused", said, { cause }, answer);
}

function isAnswer(cause: unknown): cause is Answer {
  return (
    typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "number"
  );
}

/** The message of a `Status` object, or the text of what a proxy answered. */
function wordsOf(body: unknown): string {
  const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status === "object" && status !== null) {
      return "message" in status ? String(status.message) : "";
    }
  } catch {
    // Not JSON: a page of text.
  }
  return shortened(text.replace(/\s+/g, " ").trim(), 300);
}

/** The message of an error; the `ws` package reports errors as events. */
export function reasonOf(cause: unknown): string {
  if (typeof cause === "object" && cause !== null && "message" in cause) {
    return String(cause.message);
  }
  return String(cause);
}
