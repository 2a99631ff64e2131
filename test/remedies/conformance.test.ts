import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Target } from "../../src/model/target.ts";
import { remedies } from "../../src/remedies/registry.ts";
import { targetOf } from "../support/look.ts";
import { type RemedyRig, remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

interface Case {
  readonly target: Target;
  readonly params?: unknown;
}

const worker = (base: string): Target =>
  targetOf("process", { run: ["sleep", "600"], stop: { timeout: "2s" } }, { id: "worker", base });

/** One real target for each remedy; a remedy without one here fails. */
const cases: Readonly<Record<string, (rig: RemedyRig, base: string) => Promise<Case>>> = {
  restart: async (rig, base) => {
    await rig.processes.start(worker(base));
    return { target: worker(base) };
  },
  start: async (_rig, base) => ({ target: worker(base) }),
  signal: async (rig, base) => {
    const target = targetOf(
      "process",
      { run: ["sh", "-c", "trap : HUP; touch ready; while :; do sleep 0.1; done"] },
      { id: "worker", base },
    );
    await rig.processes.start(target);
    // Before its trap is set, the signal would end it.
    await until(() => existsSync(join(base, "ready")), { within: 10_000 });
    return { target, params: "SIGHUP" };
  },
  create: async (_rig, base) => ({
    target: targetOf("file", { path: "new/deep/f.json", maxAge: "1h", create: { content: "{}" } }, { base }),
  }),
  producer: async (_rig, base) => ({
    target: targetOf("file", { path: "f.json", maxAge: "1h", producer: "worker" }, { base }),
  }),
  target: async (_rig, base) => ({
    target: targetOf("file", { path: "f.json" }, { base }),
    params: "worker",
  }),
  exec: async (_rig, base) => ({ target: worker(base), params: ["touch", join(base, "touched")] }),
  alert: async (_rig, base) => ({ target: worker(base), params: "look at me" }),
  wake: async (_rig, base) => {
    const { url } = await serve((_request, response) => void response.end("ok"));
    return { target: targetOf("http", { url }, { base }) };
  },
};

describe.each(remedies.map((remedy) => [remedy.remedy, remedy] as const))("remedy %s", (name, remedy) => {
  const prepare = async (): Promise<Case & { rig: RemedyRig; base: string }> => {
    const base = scratch();
    const rig = remedyRig();
    const prepared = await cases[name]?.(rig, base);
    if (prepared === undefined) throw new Error(`no real target for ${name} in this suite`);
    return { ...prepared, rig, base };
  };

  it("plans exactly what it then says and does", async () => {
    const { rig, target, params } = await prepare();
    const plan = await rig.plan(name, target, params);
    expect(plan.length).toBeGreaterThan(0);
    expect((await rig.apply(name, target, params)).said).toEqual(plan);
  });

  it("changes nothing on disk and no process by planning", async () => {
    const { rig, target, params, base } = await prepare();
    const before = [picture(base), picture(rig.stateDir), rig.processes.read(target.id)];
    await rig.plan(name, target, params);
    expect([picture(base), picture(rig.stateDir), rig.processes.read(target.id)]).toEqual(before);
  });

  it("stands being run twice", async () => {
    const { rig, target, params } = await prepare();
    await rig.apply(name, target, params);
    await rig.apply(name, target, params);
  });

  it("fits the target it is for, and has a schema for editors", async () => {
    const { target, params } = await prepare();
    expect(remedy.misfit?.(target, remedy.schema.parse(params ?? {}))).toBeUndefined();
    expect(remedy.kinds === "all" || remedy.kinds.includes(target.kind)).toBe(true);
    expect(z.toJSONSchema(remedy.schema, { io: "input" })).toBeTypeOf("object");
    expect(remedy.summary).toMatch(/^[a-z].*[^.]$/);
  });

  const onlyAsks = !remedy.cures || name === "producer" || name === "target";
  it.skipIf(onlyAsks)("does nothing once it is cancelled", async () => {
    const { rig, target, params, base } = await prepare();
    const before = [picture(base), rig.processes.read(target.id)];
    const context = rig.context(target, { signal: AbortSignal.abort(new Error("cancelled")) });
    await expect(remedy.apply(context, remedy.schema.parse(params ?? {}))).rejects.toThrow("cancelled");
    expect([picture(base), rig.processes.read(target.id)]).toEqual(before);
    expect(context.said).toEqual([]);
  });
});

/** Every path under a folder with its inode, size and times. */
function picture(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((path) => {
      const { ino, size, mtimeMs } = lstatSync(join(folder, path));
      return `${path} ${ino} ${size} ${mtimeMs}`;
    });
}
