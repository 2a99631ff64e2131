import { get, type IncomingMessage } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../support/wait.ts";
import { asViewer, put, type Rig, startRig, state } from "./rig.ts";

interface Heard {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Listens to `/api/events`; what was heard so far, and whether the stream has ended. */
async function listen(rig: Rig) {
  const heard: Heard[] = [];
  const end = { ended: false };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(`${rig.url}/api/events`, { headers: asViewer, agent: false }, resolve).on(
      "error",
      reject,
    );
    onTestFinished(() => void request.destroy());
  });
  let text = "";
  response.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, event, data] = /^event: (\S+)\ndata: (.*)$/.exec(block) ?? [];
      if (event !== undefined) heard.push({ event, data: JSON.parse(data ?? "") });
    }
  });
  response.on("error", () => undefined);
  response.on("close", () => {
    end.ended = true;
  });
  return { heard, end, response };
}

/** Notes something again and again until a listener hears it: a follower begins a moment after its stream. */
async function noteUntilHeard(rig: Rig, { heard }: { heard: Heard[] }): Promise<void> {
  await until(
    async () => {
      const at = Date.now();
      await put(rig, "weights", () => ({
        state: state({ status: "critical" }),
        notes: [{ at, event: "check.changed", target: "weights", reason: "missing" }],
      }));
      return heard.some(({ event }) => event === "status");
    },
    { what: "the change is heard", every: 100 },
  );
}

test("new audit entries come as they are written, with the changed target after them", async () => {
  const rig = await startRig();
  const listener = await listen(rig);
  expect(listener.response.headers["content-type"]).toContain("text/event-stream");
  await noteUntilHeard(rig, listener);
  expect(listener.heard.find(({ event }) => event === "audit")?.data).toMatchObject({
    event: "check.changed",
    target: "weights",
    reason: "missing",
  });
  expect(listener.heard.find(({ event }) => event === "status")?.data).toMatchObject({
    id: "weights",
    status: "critical",
  });
});

test("many listeners share one reader of the record, and it rests when the last one has left", async () => {
  const rig = await startRig();
  const connections = async () => {
    const info = await rig.redis.connect().client("LIST");
    return String(info)
      .split("\n")
      .filter((line) => line.includes("cmd=xread ")).length;
  };
  expect(await connections()).toBe(0);
  const listeners = [await listen(rig), await listen(rig), await listen(rig)];
  for (const listener of listeners) await noteUntilHeard(rig, listener);
  const shared = await connections();
  expect(shared).toBeGreaterThan(0);
  expect(shared).toBeLessThan(3);
  for (const { response } of listeners) response.destroy();
  await until(async () => (await connections()) === 0, { what: "the reader rests" });
});

test("stopping ends open streams and kept connections at once", async () => {
  const rig = await startRig();
  const { end } = await listen(rig);
  const from = performance.now();
  await rig.web.stop();
  await rig.web.stop();
  expect(performance.now() - from).toBeLessThan(10_000);
  await until(() => end.ended, { what: "the stream ended" });
});
