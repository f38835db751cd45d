/** Entry point of the exporter. Arguments: its configuration file, which holds passwords, and the port. */
import { readFileSync } from "node:fs";
import { HOST } from "../processes/ports";
import { type MetricsOptions, metricsServer } from "./metrics-server";

const [, , file = "", port = ""] = process.argv;
const options = JSON.parse(readFileSync(file, "utf8")) as Omit<MetricsOptions, "log">;

metricsServer({
  ...options,
  log: (line) => {
    console.log(`${new Date().toISOString()} ${line}`);
  },
}).listen(Number(port), HOST);

// The exporter survives the end of its terminal.
process.on("SIGHUP", () => undefined);
