import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { channelOf, channels } from "../../src/alerts/registry.ts";
import { alertText } from "../../src/alerts/text.ts";
import type { Alert } from "../../src/model/alert.ts";
import { scratch } from "../support/scratch.ts";
import { serve } from "../support/web-server.ts";

const alert: Alert = {
  node: "trading-1",
  target: "predictive_engine",
  event: "incident.gave-up",
  severity: "critical",
  critical: true,
  message: "dead: exited with code 3",
  incident: "8f2c",
  at: Date.UTC(2026, 10, 22, 1),
};

/** Sends the alert by a channel, its parameters given as in the config; resolves with the lines it logged. */
async function send(
  channel: string,
  params: object,
  more: { base?: string; signal?: AbortSignal; alert?: Alert } = {},
): Promise<string[]> {
  const definition = channelOf(channel);
  if (definition === undefined) throw new Error(`there is no channel ${channel}`);
  const lines: string[] = [];
  const context = {
    base: "/",
    signal: new AbortController().signal,
    log: (line: string) => lines.push(line),
    ...more,
  };
  await definition.send(more.alert ?? alert, definition.schema.parse(params), context);
  return lines;
}

describe("the text of an alert", () => {
  it("is one clear line, CRITICAL when the target is", () => {
    expect(alertText(alert)).toBe(
      "CRITICAL predictive_engine on trading-1: gave up: dead: exited with code 3 (incident 8f2c)",
    );
    const { incident: _, ...rest } = alert;
    expect(alertText({ ...rest, critical: false, severity: "warning", event: "disk.full" })).toBe(
      "warning predictive_engine on trading-1: disk.full: dead: exited with code 3",
    );
  });

  it("lets no watched program steer the terminal, forge a line or write a novel", () => {
    const text = alertText({ ...alert, message: `a\n\u001b[31mb\u202e${"x".repeat(10_000)}` });
    expect(text).toContain("gave up: a b xxx");
    expect(text.length).toBeLessThan(700);
  });
});

describe("channel log", () => {
  it("writes the line", async () => {
    expect(await send("log", {})).toEqual([alertText(alert)]);
  });
});

describe("channel webhook", () => {
  it("posts the alert as JSON with its text", async () => {
    const seen: { method?: string; type?: string; key?: string; body: unknown }[] = [];
    const { url } = await serve(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      const { method = "", headers } = request;
      seen.push({
        method,
        type: String(headers["content-type"]),
        key: String(headers["x-key"]),
        body: JSON.parse(body),
      });
      response.writeHead(204).end();
    });
    await send("webhook", { url: `${url}/hook`, headers: { "X-Key": "k" } });
    const body = { text: alertText(alert), ...alert, at: "2026-11-22T01:00:00.000Z" };
    expect(seen).toEqual([{ method: "POST", type: "application/json", key: "k", body }]);
  });

  it.each([
    [500, "answered 500: no_service"],
    [302, "answered 302"],
    [404, "answered 404"],
  ])("fails when the answer is %d, with what it said and without the secret path", async (status, said) => {
    const { url } = await serve(
      (_request, response) => void response.writeHead(status, { location: "/else" }).end("no_service\n"),
    );
    const sent = send("webhook", { url: `${url}/T0/secret` });
    await expect(sent).rejects.toThrow(said);
    await expect(sent).rejects.toThrow(expect.not.stringContaining("secret"));
  });

  it("says that nobody is there, or that nobody answers in time", async () => {
    const gone = await serve(() => undefined);
    await gone.close();
    const sent = send("webhook", { url: `${gone.url}/secret` });
    await expect(sent).rejects.toThrow(`127.0.0.1:${gone.port}: connection refused`);
    await expect(send("webhook", { url: "http://127.0.0.1:1/" })).rejects.toThrow("127.0.0.1:1: bad port");
    const { url } = await serve(() => undefined);
    await expect(send("webhook", { url, timeout: "50ms" })).rejects.toThrow("no answer within 50 ms");
  });

  it("stops when it is cancelled", async () => {
    const { url } = await serve(() => undefined);
    await expect(send("webhook", { url }, { signal: AbortSignal.timeout(30) })).rejects.toThrow("cancelled");
  });
});

describe("channel command", () => {
  it("gives the alert on stdin and in the environment", async () => {
    const base = scratch();
    const script =
      'cat > alert.json; printf "%s|%s|%s" "$HEALQ_ALERT_TEXT" "$HEALQ_ALERT_CRITICAL" "$HEALQ_ALERT_AT" > told';
    await send("command", { run: ["sh", "-c", script] }, { base });
    expect(JSON.parse(readFileSync(join(base, "alert.json"), "utf8"))).toEqual({
      text: alertText(alert),
      ...alert,
      at: "2026-11-22T01:00:00.000Z",
    });
    expect(readFileSync(join(base, "told"), "utf8")).toBe(`${alertText(alert)}|1|2026-11-22T01:00:00.000Z`);
  });

  it("runs a script beside the config file, and nothing of the alert is read by a shell", async () => {
    const base = scratch();
    writeFileSync(join(base, "page.sh"), '#!/bin/sh\necho "$1" > arg\n');
    chmodSync(join(base, "page.sh"), 0o755);
    await send(
      "command",
      { run: ["./page.sh", "$(touch hacked)"] },
      { base, alert: { ...alert, message: "$(touch hacked)" } },
    );
    expect(readFileSync(join(base, "arg"), "utf8")).toBe("$(touch hacked)\n");
    expect(existsSync(join(base, "hacked"))).toBe(false);
  });

  it("does not mind a program that reads nothing", async () => {
    await send("command", { run: ["true"] }, { alert: { ...alert, message: "x".repeat(1_000_000) } });
  });

  it("fails when the program fails, takes too long, or is not there", async () => {
    await expect(send("command", { run: ["sh", "-c", "echo no pager >&2; exit 2"] })).rejects.toThrow(
      "sh exited with code 2: no pager",
    );
    await expect(send("command", { run: ["sleep", "600"], timeout: "100ms" })).rejects.toThrow(
      "did not end within 100 ms",
    );
    await expect(send("command", { run: ["no-such-pager"] })).rejects.toThrow(
      "command not found: no-such-pager",
    );
  });
});

describe.each(channels.map((channel) => [channel.channel, channel] as const))(
  "channel %s",
  (name, channel) => {
    /** Parameters that lead nowhere. */
    const params: Readonly<Record<string, object>> = {
      log: {},
      webhook: { url: "http://127.0.0.1:1/" },
      command: { run: ["false"] },
    };

    it("is known by its name, with a schema for editors in which each field says what it is", () => {
      expect(channelOf(name)).toBe(channel);
      const schema = z.toJSONSchema(channel.schema, { io: "input" });
      for (const [field, about] of Object.entries(schema.properties ?? {}))
        expect(about, field).toHaveProperty("description");
      expect(channel.schema.safeParse({ ...params[name], surprise: 1 }).success).toBe(false);
      expect(channel.summary).toMatch(/^[a-z].*[^.]$/);
    });

    it.skipIf(name === "log")(
      "rejects in one sentence for a person when it cannot hand the alert over",
      async () => {
        await expect(send(name, params[name] ?? {})).rejects.toMatchObject({
          name: "HealqError",
          message: expect.stringMatching(/^[^\n]{5,200}$/),
        });
      },
    );

    it.skipIf(name === "log")("sends nothing once it is cancelled", async () => {
      const signal = AbortSignal.abort(new Error("cancelled"));
      await expect(send(name, params[name] ?? {}, { signal })).rejects.toThrow("cancelled");
    });
  },
);
