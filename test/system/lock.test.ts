import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { acquireSupervisorLock } from "../../src/system/lock.ts";
import { askHolder } from "../../src/system/lock-holder.ts";
import { readStat } from "../../src/system/procfs.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const program = fileURLToPath(new URL("../support/hold-lock.ts", import.meta.url));
const info = { pid: process.pid, node: "n1", since: 1_700_000_000_000 };

async function otherHolder(path: string) {
  const child = spawn(process.execPath, ["--import", "tsx", program, path], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TSX_DISABLE_CACHE: "1" },
  });
  let text = "";
  child.stdout.on("data", (bytes) => {
    text += String(bytes);
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const end = async () => {
    child.kill("SIGKILL");
    await gone;
  };
  onTestFinished(end);
  await until(() => text.endsWith("\n"), { within: 15_000 });
  return { child, said: text.trim(), end };
}

describe("the supervisor's lock", () => {
  it("is held by one, who is named to the next, and is free after release", async () => {
    const path = join(scratch(), "h.sock");
    const first = await acquireSupervisorLock(path, info);
    await expect(acquireSupervisorLock(path, { ...info, pid: 2 })).rejects.toMatchObject({
      code: "held",
      message: expect.stringMatching(`pid ${process.pid}, node n1, since 2023-11-14T`),
    });
    expect(await askHolder(path)).toEqual(info);
    first.announce({ ready: true });
    expect(await askHolder(path)).toEqual({ ...info, ready: true });
    await first.release();
    await first.release();
    expect(existsSync(path)).toBe(false);
    expect(await askHolder(path)).toBeUndefined();
    await (await acquireSupervisorLock(path, info)).release();
  });

  it("dies with its holder: a stale socket is taken over, also by several at once, and then one has it", async () => {
    const path = join(scratch(), "h.sock");
    const holder = await otherHolder(path);
    expect(holder.said).toBe("held");
    await holder.end();
    expect(existsSync(path)).toBe(true);
    const tries = await Promise.allSettled(
      Array.from({ length: 5 }, () => acquireSupervisorLock(path, info)),
    );
    const taken = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(taken).toHaveLength(1);
    expect(await askHolder(path)).toEqual(info);
    await taken[0]?.release();
    writeFileSync(path, "not a socket");
    await (await acquireSupervisorLock(path, info)).release();
  });

  it("stays with a holder that is stopped and does not answer, and the error names its pid", async () => {
    const path = join(scratch(), "h.sock");
    const { child } = await otherHolder(path);
    child.kill("SIGSTOP");
    await until(() => readStat(child.pid ?? 0)?.state === "T");
    expect(await askHolder(path)).toBe("silent");
    await expect(acquireSupervisorLock(path, info)).rejects.toMatchObject({
      code: "held",
      message: expect.stringMatching(`pid ${child.pid} holds .* but does not answer`),
    });
    child.kill("SIGCONT");
    await until(async () => (await askHolder(path)) !== "silent");
  });

  it("hands JSON lines to its holder and answers them; rubbish is told so and harms nobody", async () => {
    const path = join(scratch(), "h.sock");
    const lock = await acquireSupervisorLock(path, info, {
      onRequest: (request, say) => {
        if (request === "throw") throw new Error("no");
        say({ got: request });
      },
    });
    const socket = connect(path);
    let text = "";
    socket.on("data", (bytes) => {
      text += String(bytes);
    });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    socket.write('{"down":');
    socket.write('"healq"}\nrubbish\n"throw"\n');
    await until(() => text.split("\n").length === 5);
    const [, got, rubbish, threw] = text
      .split("\n")
      .map((line) => (line === "" ? undefined : JSON.parse(line)));
    expect(got).toEqual({ got: { down: "healq" } });
    expect([rubbish, threw]).toEqual([{ error: expect.any(String) }, { error: "no" }]);
    socket.write("x".repeat(1_100_000));
    await closed;
    expect(await askHolder(path)).toEqual(info);
    await lock.release();
  });

  it("says in words why it cannot be taken", async () => {
    await expect(acquireSupervisorLock("/nowhere/at/all/h.sock", info)).rejects.toMatchObject({
      name: "HealqError",
      message: expect.stringMatching(/cannot be taken/),
    });
  });
});
