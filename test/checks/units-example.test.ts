import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readProcesses } from "../../src/system/read-processes.ts";
import { run } from "../support/child.ts";
import { loadCopiedExample } from "../support/copied-example.ts";
import { makeEye } from "../support/look.ts";
import { dockerLine, standIns, systemdBlock } from "../support/managers.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

test("examples/service-manager/units.yaml looks at all five, and cures what healq or its manager can start", async () => {
  const base = scratch();
  const { pid } = run(["sleep", "300"]);
  writeFileSync(join(base, "cron.pid"), String(pid));
  const { url } = await serve((_, response) => response.end("fine"));
  const managers = standIns();
  managers.put(
    "nginx.service",
    systemdBlock("nginx.service", { ActiveState: "failed", Result: "exit-code" }),
  );
  managers.after("nginx.service", "restart", systemdBlock("nginx.service"));
  managers.put("web", dockerLine("web", { Status: "exited", Running: false, ExitCode: 0 }));
  const env = { CRON_PID: "cron.pid", NGINX_URL: url, PM2_HOME: join(base, "none") };
  const { targets } = await loadCopiedExample("../service-manager/units", base, env);
  const rig = remedyRig();
  const eye = makeEye(readProcesses(rig.stateDir));
  const named = (id: string) => {
    const target = targets.get(id);
    if (target === undefined) throw new Error(`no target ${id}`);
    return target;
  };
  const seen = async (id: string) => (await eye(named(id))).status;
  await until(async () => (await seen("cron")) === "ok", { what: "it has been alive for a second" });
  expect(await Promise.all(["worker", "cron", "nginx", "web", "api"].map(seen))).toEqual([
    "critical",
    "ok",
    "critical",
    "ok",
    "unknown",
  ]);
  for (const id of ["worker", "nginx"]) {
    expect(named(id).ladders.any.map(({ remedy }) => remedy)).toEqual(["restart"]);
    await rig.apply("restart", named(id));
    await until(async () => (await seen(id)) === "ok", { what: `${id} is well` });
  }
});
