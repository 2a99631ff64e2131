import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPluginOutput } from "../../src/checks/plugin-output.ts";
import { loadExample } from "../support/example.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { pluginFolder } from "../support/plugins.ts";
import { scratch } from "../support/scratch.ts";

test("the example: disk, load, processes and the age of a file, by the plugins themselves", async () => {
  const base = scratch();
  const file = join(base, "export.csv");
  writeFileSync(file, "a;b\n");
  const { targets } = await loadExample("command", { PLUGINS: pluginFolder(), EXPORT: file });
  const eye = makeEye();
  const look = (id: string) => {
    const target = targets.get(id);
    if (target === undefined) throw new Error(`the example has no ${id}`);
    return eye(target);
  };
  const [disk, load, zombies, fresh] = await Promise.all(
    ["root-disk", "load", "zombies", "last-export"].map(look),
  );
  // How full the disk is and how busy the machine, the plugin decides; that it could tell, healq.
  expect(["ok", "warning", "critical"]).toContain(disk?.status);
  expect(disk?.message).toMatch(/^DISK (OK|WARNING|CRITICAL)/);
  expect(disk?.metrics["/"]).toBeGreaterThan(0);
  expect(Object.keys(load?.metrics ?? {})).toEqual(expect.arrayContaining(["load1", "load5", "load15"]));
  expect(zombies?.metrics.procs).toBeGreaterThanOrEqual(0);
  expect(fresh).toMatchObject({ status: "ok", metrics: { age: expect.any(Number), size: 4 } });
  const old = Date.now() / 1_000 - 10_000;
  utimesSync(file, old, old);
  expect(await look("last-export")).toMatchObject({
    status: "critical",
    findings: [{ symptom: "command.critical", evidence: { exitCode: 2 } }],
  });
});

test("a plugin that cannot tell is unknown, with its own words", async () => {
  const check = (...run: string[]) =>
    makeEye()(targetOf("command", { run: [join(pluginFolder(), "check_disk"), ...run] }));
  const seen = await check("-w", "5%", "-c", "1%", "-p", "/no/such/folder");
  expect(["critical", "unknown"]).toContain(seen.status);
  expect(seen.message).toContain("/no/such/folder");
  expect(await check("--no-such-option")).toMatchObject({ status: "unknown", findings: [] });
});

test("long output: its first lines are evidence, and performance data may go on below", () => {
  const said = [
    "DISK WARNING - /home 12% free | '/'=2643MB;5948;5958;0;5968 '/it''s here'=.5%",
    "/ 44% free",
    "",
    "/home 12% free | /boot=68MB;88;93;0;98",
    "'/var log'=818MB;970;975;0;980 u=U;;;; s=1.25us",
  ];
  expect(readPluginOutput(said.join("\r\n"))).toEqual({
    message: "DISK WARNING - /home 12% free",
    more: ["/ 44% free", "/home 12% free"],
    metrics: { "/": 2643, "/it's here": 0.5, "/boot": 68, "/var log": 818, s: 1.25 },
  });
});

test("the evidence of a fault holds the long text", async () => {
  const run = ["sh", "-c", "echo 'BAD | a=1'; echo first; echo second; exit 2"];
  expect((await makeEye()(targetOf("command", { run }))).findings).toMatchObject([
    { symptom: "command.critical", evidence: { exitCode: 2, more: ["first", "second"] } },
  ]);
});
