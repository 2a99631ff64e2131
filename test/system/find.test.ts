import { spawn } from "node:child_process";
import { chownSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findProcesses } from "../../src/system/find.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const asRoot = process.geteuid?.() === 0;

function run(program: string, args: string[]): number {
  const { pid } = spawn(program, args, { stdio: "ignore", detached: true });
  if (pid === undefined) throw new Error(`${program} did not start`);
  onTestFinished(() => {
    process.kill(-pid, "SIGKILL");
  });
  return pid;
}

const pidsOf = (finder: Parameters<typeof findProcesses>[0]): number[] =>
  findProcesses(finder).found.map((found) => found.identity.pid);

describe("match", () => {
  it("finds by the whole command line, the parent before its children", async () => {
    const mark = `mark-${process.pid}`;
    const parent = run("sh", ["-c", `sh -c 'sleep 5; :' ${mark} & wait`, mark]);
    await until(() => pidsOf({ match: new RegExp(mark, "g") }).length === 2);
    expect(pidsOf({ match: new RegExp(mark, "g") })[0]).toBe(parent);
    // Between fork and exec a child has its parent's command line.
    const whole = new RegExp(`^sh -c sh .* ${mark}$`);
    await until(() => pidsOf({ match: whole }).length === 1);
    expect(pidsOf({ match: whole })).toEqual([parent]);
    const { found } = findProcesses({ match: new RegExp(`${mark}$`), user: "root" });
    expect(found.length > 0).toBe(asRoot);
  });

  it("never finds healq itself or those it descends from, and says when it does not know the user", () => {
    const all = pidsOf({ match: /./ });
    expect(all).not.toContain(process.pid);
    expect(all).not.toContain(process.ppid);
    expect(all).not.toContain(1);
    expect(findProcesses({ match: /./, user: "no-such-user" })).toEqual({
      found: [],
      problem: "unknown user no-such-user",
    });
  });
});

describe("pidFile", () => {
  it("finds whom the file names; a missing file or a dead pid is nobody, rubbish is a problem", () => {
    const file = join(scratch(), "x.pid");
    expect(findProcesses({ pidFile: file })).toEqual({ found: [] });
    const pid = run("sleep", ["600"]);
    for (const text of [`${pid}`, `  ${pid}\nmore\n`]) {
      writeFileSync(file, text);
      expect(pidsOf({ pidFile: file })).toEqual([pid]);
    }
    for (const text of ["", "abc", `${pid}x`, "-1", "1e3", "\0\0"]) {
      writeFileSync(file, text);
      expect(findProcesses({ pidFile: file }).problem).toMatch(/does not begin with a pid/);
    }
    for (const text of ["4194305", "0", "1", String(process.pid)]) {
      writeFileSync(file, text);
      expect(findProcesses({ pidFile: file })).toEqual({ found: [] });
    }
    expect(findProcesses({ pidFile: "/tmp" }).problem).toBe("/tmp is not a file");
  });

  it.runIf(asRoot)("is not believed as root when it belongs to somebody else than the process", () => {
    const file = join(scratch(), "x.pid");
    writeFileSync(file, String(run("sleep", ["600"])));
    chownSync(file, 65_534, 65_534);
    expect(findProcesses({ pidFile: file })).toMatchObject({
      found: [],
      problem: expect.stringMatching(/belongs to uid 65534, but pid \d+ runs as uid 0/),
    });
  });
});

describe("port", () => {
  it.each(["127.0.0.1", "::1"])("finds who listens on %s, and not who is only connected", async (host) => {
    const child = spawn(
      process.execPath,
      [
        "-e",
        `require("net").createServer().listen(0,"${host}",function(){console.log(this.address().port)})`,
      ],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    let text = "";
    child.stdout.on("data", (bytes) => {
      text += String(bytes);
    });
    const port = Number(await until(() => text.trim()));
    expect(pidsOf({ port })).toEqual([child.pid]);
  });

  it("finds nobody on a port that is free, and never healq itself", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A TCP server's address is never a string or null while it listens.
    const { port } = server.address() as AddressInfo;
    expect(pidsOf({ port })).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
    expect(findProcesses({ port })).toEqual({ found: [] });
  });
});
