import { shortened } from "../../../text/printable";

/** What the API says, on one line, without the full stop and gRPC's preamble, and no longer than one reads. */
export function clause(text = ""): string {
  const line = text.replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return shortened(line.replaceAll("rpc error: code = Unknown desc = ", ""), 400);
}
