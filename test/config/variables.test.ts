// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of a config look like this.
import { expect, it } from "vitest";
import { loadText, problemsOf, targetOf } from "./load.ts";

const job = (fields: string) => `targets:\n  a:\n    kind: process\n    run: [a]\n${fields}`;

it("types a plain value again after it was filled in", async () => {
  const config = await loadText(`web: { port: 1 }\n${job("    critical: ${YES}\n    attempts: ${N}\n")}`, {
    YES: "true",
    N: " 7 ",
  });
  const target = targetOf(config, "a");
  expect(target.critical).toBe(true);
  expect(target.ladders.any[0]?.tries).toBe(7);
});

it("leaves a quoted value text", async () => {
  const config = await loadText(job('    env: { PORT: "${PORT}" }\n'), { PORT: "80" });
  expect(targetOf(config, "a").spec).toMatchObject({ env: { PORT: "80" } });
});

it("refuses a plain number where text is wanted", async () => {
  expect(await problemsOf(job("    env:\n      PORT: ${PORT}\n"), { PORT: "80" })).toEqual([
    "6:13: targets.a.env.PORT: must be text, not a number; quote it",
  ]);
});

it("takes the default for a variable that is missing or empty", async () => {
  const text = "stateDir: ${A:-one}/${B:-two}/${C:-three}\n";
  expect((await loadText(text, { B: "", C: "3" })).stateDir).toMatch(/\/one\/two\/3$/);
});

it("takes an empty plain value as not given", async () => {
  const config = await loadText(
    `redis: \${REDIS_URL:-}\n${job("    health: ${HEALTH:-}\n    timeout: ${EMPTY}\n")}`,
    { EMPTY: "" },
  );
  expect(config.redis).toBeUndefined();
  expect(targetOf(config, "a").spec).toEqual({ run: ["a"] });
  expect(targetOf(config, "a").timeout).toBe(3_000);
});

it("keeps an empty quoted value as empty text", async () => {
  const config = await loadText(job('    env: { A: "${A:-}" }\n'));
  expect(targetOf(config, "a").spec).toMatchObject({ env: { A: "" } });
});

it("writes a dollar for two and leaves a lone one alone", async () => {
  const config = await loadText(job('    match: ^a$\n    health: "$${HOME} $$$$ $HOME"\n'), {
    HOME: "/root",
  });
  expect(targetOf(config, "a").spec).toMatchObject({ match: "^a$", health: "${HOME} $$ $HOME" });
});

it("puts no structure into the file: a value is one value", async () => {
  const config = await loadText("stateDir: ${DIR}\n", { DIR: "a\nnode: evil" });
  expect(config.stateDir).toMatch(/a\nnode: evil$/);
  expect(config.node).not.toBe("evil");
});

it("does not fill in what was filled in", async () => {
  expect((await loadText('stateDir: "${A}"\n', { A: "${B}", B: "b" })).stateDir).toMatch(/\$\{B\}$/);
});

it("fills in no keys", async () => {
  expect(await problemsOf('"${A}": 1\n', { A: "node" })).toEqual(["1:1: ${A}: unknown key"]);
});

it("fills in folded text", async () => {
  const config = await loadText("stateDir: >-\n  x${A}\n  y\n", { A: "1" });
  expect(config.stateDir).toMatch(/x1 y$/);
});
