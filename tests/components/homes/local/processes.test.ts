import { spawn, spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { postgresBinaries } from "../../../../components/homes/local/processes/binaries";
import { copyRequest } from "../../../../components/homes/local/timescale/copy-from-stdin";
import {
  controlGroups,
  localShare,
  machineProfile,
} from "../../../../components/homes/local/processes/machine-profile";
import {
  existingServerFolder,
  chooseDataFolder,
  removeServerFolder,
  serverFolder,
  sharedFolder,
} from "../../../../components/homes/local/processes/paths";
import { freePort, HOST, portHolder } from "../../../../components/homes/local/processes/ports";
import {
  renderConfiguration,
  renderConninfo,
  renderHba,
  renderPassfile,
  socketFolder,
} from "../../../../components/homes/local/processes/postgres-config";
import {
  endProcess,
  processState,
  spawnDetached,
  waitUntil,
} from "../../../../components/homes/local/processes/process";
import { isRoot } from "../../../../components/homes/local/processes/service-user";
import {
  MessageReader,
  startupSettings,
} from "../../../../components/homes/local/timescale/wire-protocol";
import { LocalResource, makeCheckout } from "../../../support/local-home";

jest.setTimeout(60_000);

const GB = 1024 ** 3;

describe("the local servers' share of a machine", () => {
  it.each([
    [
      { memoryBytes: 2 * GB, vcpus: 1 },
      { memory: 1 * GB, vcpus: 1 },
    ],
    [
      { memoryBytes: 8 * GB, vcpus: 4 },
      { memory: 1 * GB, vcpus: 2 },
    ],
    [
      { memoryBytes: 64 * GB, vcpus: 16 },
      { memory: 2 * GB, vcpus: 4 },
    ],
    [
      { memoryBytes: 8 * GB, vcpus: 0.5 },
      { memory: 1 * GB, vcpus: 1 },
    ],
  ])("of %j is %j", (profile, share) => {
    expect(localShare(profile)).toEqual(share);
  });

  it("is the same for machines that differ only by kernel reservations", () => {
    const memoryOf = (memoryBytes: number) => localShare({ memoryBytes, vcpus: 2 }).memory;
    expect(memoryOf(8.1 * GB)).toBe(memoryOf(8.3 * GB));
    expect(memoryOf(8.1 * GB) % (64 * 1024 * 1024)).toBe(0);
  });

  it("respects the limits of cgroup v1 and v2, of a group and of its parents", () => {
    const files: Record<string, string> = {
      "/proc/self/cgroup": "0::/user.slice/app\n",
      "/sys/fs/cgroup/user.slice/memory.max": "1073741824\n",
      "/sys/fs/cgroup/user.slice/app/memory.max": "max\n",
      "/sys/fs/cgroup/user.slice/app/cpu.max": "150000 100000\n",
    };
    const profile = machineProfile((path) => files[path]);
    expect(profile.memoryBytes).toBe(GB);
    expect(profile.vcpus).toBeLessThanOrEqual(1.5);

    const first: Record<string, string> = {
      "/proc/self/cgroup": "7:cpu,cpuacct:/job\n4:memory:/job\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "536870912\n",
      "/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "50000\n",
      "/sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "100000\n",
    };
    const limits = controlGroups((path) => first[path]);
    expect(Math.min(...limits.map(({ memory }) => memory))).toBe(0.5 * GB);
    expect(Math.min(...limits.map(({ vcpus }) => vcpus))).toBe(0.5);
  });
});

describe("the embedded PostgreSQL's programs", () => {
  it("have the links of their libraries, whether or not npm made them", () => {
    const { native } = postgresBinaries();
    const links: unknown = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
    for (const { target } of links as { target: string }[]) {
      expect(existsSync(join(native, "..", target))).toBe(true);
    }
  });
});

describe("the configuration files of a local PostgreSQL", () => {
  const configuration = {
    port: 5432,
    preload: ["a", "b"],
    clusterName: "it's",
    socketFolder: undefined,
    parameters: { restart: { z_last: "C:\\x" }, reload: { "a.b": "it's" } },
  };

  it("are sorted, with every value quoted", () => {
    const lines = renderConfiguration(configuration).trimEnd().split("\n").slice(1);
    expect(lines).toEqual([...lines].sort());
    expect(lines).toEqual(
      expect.arrayContaining([
        "a.b = 'it''s'",
        "cluster_name = 'it''s'",
        "listen_addresses = '127.0.0.1'",
        "shared_preload_libraries = 'a,b'",
        "unix_socket_directories = ''",
        "z_last = 'C:\\\\x'",
      ]),
    );
  });

  it("refuse a value or a name that would set another parameter", () => {
    const with_ = (reload: Record<string, string>) =>
      renderConfiguration({ ...configuration, parameters: { restart: {}, reload } });
    expect(() => with_({ work_mem: "4MB'\nfsync = 'off" })).toThrow(/work_mem.*line break/);
    expect(() => with_({ "fsync = off\nx": "1" })).toThrow(/name/);
  });

  it("require SCRAM passwords of all clients", () => {
    const rules = renderHba()
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(rules).toHaveLength(6);
    for (const rule of rules) expect(rule).toMatch(/ scram-sha-256$/);
  });

  it("quote connection strings and password files by their own rules", () => {
    expect(renderConninfo({ host: "a", user: "it's\\" })).toBe("host='a' user='it\\'s\\\\'");
    expect(renderPassfile("h", 1, "u", "a:b\\c")).toBe("h:1:*:u:a\\:b\\\\c\n");
  });

  it("name a socket folder only if its path is short enough", () => {
    expect(socketFolder("/short")).toBe("/short");
    expect(socketFolder(`/${"long".repeat(25)}`)).toBeUndefined();
  });
});

describe("the message reader of the embedded TimescaleDB", () => {
  it("assembles messages from pieces of any size", () => {
    const message = Buffer.from("Q\0\0\0\x0dselect 1\0", "latin1");
    const stream = Buffer.concat([message, message, message]);
    for (let size = 1; size <= stream.length; size += 1) {
      const reader = new MessageReader();
      const found: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        reader.push(stream.subarray(at, at + size));
        for (let next = reader.message(); next; next = reader.message()) {
          found.push(next.bytes.toString("latin1"));
        }
      }
      expect(found).toEqual(Array(3).fill(message.toString("latin1")));
    }
  });

  it("refuses a message of an invalid length", () => {
    for (const length of [0, -1, 0x7fffffff]) {
      const reader = new MessageReader();
      const bytes = Buffer.from("Q\0\0\0\0", "latin1");
      bytes.writeInt32BE(length, 1);
      reader.push(bytes);
      expect(() => reader.message()).toThrow(/length/);
    }
  });

  it("reads start-up settings in their three forms", () => {
    const parameters = new Map([
      ["user", "u"],
      ["options", "-c a.b=1 -cc=x\\ y --d-e=3"],
      ["application_name", "n"],
      ["_pq_.x", "1"],
    ]);
    expect(startupSettings(parameters)).toEqual([
      ["a.b", "1"],
      ["c", "x y"],
      ["d_e", "3"],
      ["application_name", "n"],
    ]);
  });
});

describe("COPY FROM STDIN in the embedded TimescaleDB", () => {
  it.each([
    ["copy t from stdin", "copy t from '/f'", false],
    [
      "COPY t (a, b) FROM  STDIN with (format csv) ;",
      "COPY t (a, b) FROM  '/f' with (format csv) ;",
      false,
    ],
    [
      '-- from stdin\n copy "from stdin" from stdin binary',
      "-- from stdin\n copy \"from stdin\" from '/f' binary",
      true,
    ],
  ])("is rewritten to read a file in %j", (sql, changed, binary) => {
    expect(copyRequest(sql, "/f")).toEqual({ kind: "copy", sql: changed, binary });
  });

  it.each([
    "select 'copy t from stdin'",
    "select 1 -- copy t from stdin",
    "do $x$ copy t from stdin $x$",
    "copy t to stdout",
    "select e'\\' copy t from stdin'",
  ])("is not found in %j", (sql) => {
    expect(copyRequest(sql, "/f")).toEqual({ kind: "none" });
  });

  it.each(["select 1; copy t from stdin", "copy t from stdin; select 1"])(
    "is refused in %j",
    (sql) => {
      expect(copyRequest(sql, "/f")).toEqual({ kind: "mixed" });
    },
  );
});

describe("local processes", () => {
  it("outlive the command, and do not see its environment", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sark-process-"));
    process.env["SARK_TEST_SECRET"] = "secret";
    const log = join(folder, "log");
    const pid = await spawnDetached({
      command: "/bin/sh",
      args: ["-c", "env; exec sleep 60"],
      cwd: folder,
      log,
      user: undefined,
    });
    delete process.env["SARK_TEST_SECRET"];
    await waitUntil(() => processState(pid)?.command === "sleep 60", 5000);
    const ps = spawnSync("ps", ["-o", "sess=,tty=", "-p", String(pid)], { encoding: "utf8" });
    expect(ps.stdout.trim().split(/\s+/)).toEqual([String(pid), "?"]);
    expect(readFileSync(log, "utf8")).toContain("PATH=");
    expect(readFileSync(log, "utf8")).not.toContain("SARK_TEST_SECRET");
    await endProcess(
      () => (processState(pid) === undefined ? undefined : pid),
      [{ signal: "SIGTERM", milliseconds: 5000 }],
    );
    expect(processState(pid)).toBeUndefined();
    rmSync(folder, { recursive: true });
  });

  it("are not signalled once their pid belongs to another process", async () => {
    const other = spawn("sleep", ["60"]);
    const pid = other.pid ?? 0;
    const found = [pid];
    await endProcess(() => found.pop(), [{ signal: "SIGKILL", milliseconds: 100 }]);
    expect(processState(pid)).toBeDefined();
    other.kill("SIGKILL");
  });

  it("are ended by a stronger signal if they ignore the first", async () => {
    const stubborn = spawn("/bin/sh", ["-c", "trap '' TERM; while :; do sleep 0.1; done"]);
    const pid = stubborn.pid ?? 0;
    await waitUntil(() => processState(pid)?.command.includes("trap") === true, 2000);
    await endProcess(
      () => (processState(pid) === undefined ? undefined : pid),
      [
        { signal: "SIGTERM", milliseconds: 300 },
        { signal: "SIGKILL", milliseconds: 5000 },
      ],
    );
    expect(processState(pid)).toBeUndefined();
  });

  it("are not named as the holder of a free port", async () => {
    expect(portHolder(await freePort())).toBeUndefined();
  });

  it("that hold a port are named on one line, with hidden characters escaped", async () => {
    const port = await freePort();
    const program = `require("node:net").createServer().listen(${port}, "${HOST}")`;
    const holder = spawn(process.execPath, ["-e", program], {
      argv0: "/x/\u001b[31mevil\u202e\nend",
    });
    try {
      expect(await waitUntil(() => portHolder(port) !== undefined, 10_000)).toBe(true);
      expect(portHolder(port)).toBe(`process ${holder.pid ?? 0} (\\u{1b}[31mevil\\u{202e}\\nend)`);
    } finally {
      holder.kill();
    }
  });
});

describe("the data folder", () => {
  const user = { name: "postgres", uid: 101, gid: 104 };

  it("is in the checkout for a normal user", () => {
    expect(chooseDataFolder("/home/me/x", undefined, () => false)).toEqual({
      base: "/home/me/x/.sark/local",
      link: false,
    });
  });

  it("of root is in the checkout if the service user can enter it, else in a shared folder", () => {
    expect(chooseDataFolder("/srv/x", user, () => true).base).toBe("/srv/x/.sark/local");
    const closed = chooseDataFolder("/root/x", user, () => false);
    expect(closed).toEqual({ base: sharedFolder("/root/x"), link: true });
    expect(closed.base).toMatch(/^\/var\/lib\/sark-databases\/[0-9a-f]{12}$/);
    expect(sharedFolder("/root/x")).not.toBe(sharedFolder("/root/y"));
  });

  it("is not created by looking for it", () => {
    const checkout = makeCheckout();
    expect(existingServerFolder("sark")).toBeUndefined();
    expect(existsSync(join(checkout.root, ".sark"))).toBe(false);
    checkout.remove();
  });

  it("cannot be outside of the checkout", () => {
    const checkout = makeCheckout();
    for (const name of ["..", "../x", "/etc", "a/b", ""]) {
      expect(() => serverFolder(name)).toThrow(/plain name/);
    }
    checkout.remove();
  });
});

describe("a checkout that is closed to other users", () => {
  it("runs servers, reached through .sark/local, and keeps nothing of deleted ones", async () => {
    const checkout = makeCheckout(0o700);
    const local = join(checkout.root, ".sark", "local");
    const server = new LocalResource("local:PostgresServer");
    const port = await freePort();
    const inputs = {
      directory: "sark",
      port,
      database: "sark",
      majorVersion: 18,
      adminUser: "postgres",
      adminPassword: "admin-password",
      replicationUser: "sark_replication",
      replicationPassword: "replica-password",
      preload: [],
      parameters: { restart: { fsync: "off" }, reload: {} },
    };
    try {
      await server.up(inputs);
      expect(existsSync(join(local, "sark", "data", "PG_VERSION"))).toBe(true);
      expect(lstatSync(local).isSymbolicLink()).toBe(isRoot());
      const client = new Client({ host: HOST, port, user: "postgres", password: "admin-password" });
      await client.connect();
      await client.end();
      expect(await server.up(inputs)).toBe("same");
      expect(JSON.stringify(server.outputs)).not.toContain("/");
    } finally {
      await server.delete();
    }
    expect(lstatSync(local, { throwIfNoEntry: false })).toBeUndefined();
    expect(existsSync(sharedFolder(checkout.root))).toBe(false);
    checkout.remove();
  });

  it("gets a new data folder if that behind the link was deleted", () => {
    if (!isRoot()) return;
    const checkout = makeCheckout(0o700);
    const folder = serverFolder("sark");
    rmSync(join(folder, ".."), { recursive: true });
    writeFileSync(join(serverFolder("sark"), "..", "kept"), "");
    expect(readFileSync(join(checkout.root, ".sark", "local", "kept"), "utf8")).toBe("");
    rmSync(join(checkout.root, ".sark", "local", "kept"));
    removeServerFolder("sark");
    checkout.remove();
  });
});
